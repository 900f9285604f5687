// What Redis itself spends on a command and on a message, asked over bare sockets.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Measured, rounded } from './inputs';

/** As many as an instance rarely has at once; what comes alone costs most. */
const SOCKETS = 4;
const COMMANDS = 20_000;
const LISTENERS = 100;
const MESSAGES = 1_000;
const CHANNEL = 'floodgate:simulate';
const KEY = 'floodgate:simulate:item';
/** About the JSON of an item, with its snapshot and its tags. */
const VALUE = 'x'.repeat(700);

const textOf = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

export async function redisCosts(port: number): Promise<Pick<Measured, 'get' | 'set' | 'publish' | 'delivery'>> {
  const sockets: Socket[] = [];
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  try {
    const asking = await Promise.all(Array.from({ length: SOCKETS }, open));
    const set = await costOf(asking, COMMANDS, textOf('SET', KEY, VALUE, 'PX', '60000'));
    const get = await costOf(asking, COMMANDS, textOf('GET', KEY));
    const publish = await costOf(asking, COMMANDS, textOf('PUBLISH', CHANNEL, 'x'.repeat(36)));
    for (const listener of await Promise.all(Array.from({ length: LISTENERS }, open))) {
      await asked(listener, textOf('SUBSCRIBE', CHANNEL));
      listener.resume();
    }
    const heard = await costOf(asking.slice(0, 1), MESSAGES, textOf('PUBLISH', CHANNEL, 'x'.repeat(36)));
    return {
      get: rounded(get),
      set: rounded(set),
      publish: rounded(publish),
      delivery: rounded((heard - publish) / LISTENERS),
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function asked(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

/** Microseconds of CPU for each. */
async function costOf(sockets: readonly Socket[], count: number, text: string): Promise<number> {
  const [first] = sockets as [Socket];
  const before = await usedSeconds(first);
  await Promise.all(
    sockets.map(async (socket) => {
      for (let at = 0; at < count / sockets.length; at++) await asked(socket, text);
    }),
  );
  return (((await usedSeconds(first)) - before) / count) * 1e6;
}

async function usedSeconds(socket: Socket): Promise<number> {
  const text = await asked(socket, textOf('INFO', 'cpu'));
  const used = (what: string): number => Number(new RegExp(`^used_cpu_${what}:([\\d.]+)`, 'm').exec(text)?.[1]);
  return used('user') + used('sys');
}
