// A TCP proxy with faults: late, broken, silent, cut or refused; for all connections or for one class of them.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

type Transform = (chunk: Buffer) => Buffer;

/** What is wrong with a class of connections, from now on until it heals. */
export class Faults {
  readonly sockets = new Set<Socket>();
  late = { min: 0, max: 0 };
  transform?: Transform;
  isRefusing = false;
  thawed?: Promise<void>;
  private release = (): void => undefined;

  /** Each chunk, in either direction, comes that much later; the order stays. */
  delayMs(min: number, max = min): void {
    this.late = { min, max };
  }
  /** Answers come as other bytes; without a transform, as bytes that mean nothing. */
  garble(transform: Transform = (chunk) => Buffer.from(chunk.map((byte) => byte ^ 0xa5))): void {
    this.transform = transform;
  }
  /** Connections stay open and nothing gets through, until it thaws: then all that was held. */
  freeze(): void {
    this.thawed ??= new Promise((resolve) => (this.release = resolve));
  }
  thaw(): void {
    this.thawed = undefined;
    this.release();
  }
  /** Ends all connections; new ones are welcome. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }
  /** New connections are ended at once. */
  refuse(): void {
    this.isRefusing = true;
  }
  heal(): void {
    this.thaw();
    this.delayMs(0);
    this.transform = undefined;
    this.isRefusing = false;
  }
  add(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }
}

/** Faults called on the proxy itself are those of all connections. */
export interface FaultProxy extends Faults {
  readonly port: number;
  /** The faults of one class; they come on top of those of all. */
  of(name: string): Faults;
  /** From now on new connections lead to another port of 127.0.0.1. */
  lead(target: number): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Names a connection by the first bytes that its client sends; it is connected only then. */
  readonly classify?: (firstChunk: Buffer) => string;
}

/** @param port of 127.0.0.1 that the proxy stands in front of */
export async function startProxy(port: number, { classify }: ProxyOptions = {}): Promise<FaultProxy> {
  let target = port;
  const all = new Faults();
  const classes = new Map<string, Faults>();
  const of = (name: string): Faults => classes.get(name) ?? classes.set(name, new Faults()).get(name)!;

  function pass(client: Socket, faults: Faults[]): void {
    if (faults.some(({ isRefusing }) => isRefusing)) return void client.destroy();
    const server = connect(target, '127.0.0.1').setNoDelay();
    server.on('error', () => undefined);
    client.once('close', () => server.destroy());
    for (const one of faults) one.add(client);
    forward(client, server, faults, (chunk) => chunk);
    forward(server, client, faults, (chunk) =>
      faults.reduce((bytes, { transform }) => transform?.(bytes) ?? bytes, chunk),
    );
  }

  const listener = createServer((client) => {
    all.add(client.setNoDelay().on('error', () => undefined));
    if (!classify) return pass(client, [all]);
    client.once('data', (chunk) => {
      pass(client, [all, of(classify(chunk))]);
      client.emit('data', chunk);
    });
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const lead = (other: number): void => void (target = other);
  const close = async (): Promise<void> => {
    const closed = once(listener.close(), 'close');
    all.heal();
    all.cut();
    await closed;
  };
  return Object.assign(all, { port: (listener.address() as AddressInfo).port, of, lead, close });
}

function forward(from: Socket, to: Socket, faults: Faults[], change: Transform): void {
  let last = Promise.resolve();
  from.on('data', (chunk) => {
    const lateMs = faults.reduce((sum, { late: { min, max } }) => sum + min + Math.random() * (max - min), 0);
    const due = lateMs === 0 ? undefined : delay(lateMs);
    last = last.then(async () => {
      await due;
      for (const one of faults) await one.thawed;
      if (to.writable) to.write(change(chunk));
    });
  });
  from.once('close', () => void last.then(() => to.end()));
}
