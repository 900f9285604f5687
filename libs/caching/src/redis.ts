// One connection to Redis that is there whenever Redis is: it is replaced as soon as it ends or falls silent.
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, ErrorReply, type RedisClientOptions } from '@redis/client';
import { answerWithin } from './answer-within';
import './redis-replies';

/** From the first packet to the first answer: name, TCP, TLS, AUTH, SELECT, PING. */
const CONNECT_MS = 500;
const RETRY_MS = 250;
/** Of each of the two connections that an instance has. */
export const HEARTBEAT_MS = 250;
/** A PING that is not answered for so long ends the connection: 1.6.1 itself would wait for ever. */
const SILENCE_MS = 800;
/** Commands of one connection that wait for their answer; more are refused. */
const MAX_IN_FLIGHT = 4096;

export type RedisClient = ReturnType<typeof createClient>;

export interface RedisLinkSettings {
  readonly url: string;
  /** The client answers; it may be used until `onDown`. */
  readonly onUp: (client: RedisClient) => void;
  /** Told at each failed attempt as well. */
  readonly onDown: (reason: string) => void;
}

/**
 * Each connection gets a client of its own, which never reconnects: one of 1.6.1 that lost its connection in the middle of
 * an answer keeps half of it in its decoder, and misreads the next connection; its commands then wait for ever.
 */
export class RedisLink {
  private readonly closing = new AbortController();
  private ended?: Promise<void>;

  constructor(private readonly settings: RedisLinkSettings) {}

  /** Resolves when the first attempt is over, at the latest after 500 ms; never rejects, and goes on trying on its own. */
  connect(): Promise<void> {
    return new Promise((resolve) => {
      this.ended = this.keepUp(resolve);
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.ended;
  }

  private async keepUp(tried: () => void): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.hold(tried);
      tried();
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One connection, from its beginning to its end. */
  private async hold(tried: () => void): Promise<void> {
    const { url, onUp, onDown } = this.settings;
    const connection = new AbortController();
    const end = () => connection.abort();
    this.closing.signal.addEventListener('abort', end);
    try {
      const client = createClient(optionsOf(new URL(url), connection.signal));
      const lost = new Promise<never>((_, reject) => client.on('error', reject));
      await Promise.race([lost, answerWithin(CONNECT_MS, client.connect().then(ping))]);
      onUp(client);
      tried();
      await Promise.race([lost, beat(client, connection.signal)]);
    } catch (error) {
      if (!this.closing.signal.aborted) onDown((error as Error).message);
    } finally {
      end();
      this.closing.signal.removeEventListener('abort', end);
    }
  }
}

async function beat(client: RedisClient, signal: AbortSignal): Promise<never> {
  for (;;) {
    await delay(HEARTBEAT_MS, undefined, { signal });
    await answerWithin(SILENCE_MS, ping(client));
  }
}

/** @throws Error when Redis does not serve: it is loading, wants a password, or is no Redis. */
export async function ping(client: RedisClient): Promise<void> {
  try {
    const answer = String(await client.ping());
    if (answer.toUpperCase() !== 'PONG') throw new Error(`Redis answered PING with ${answer.slice(0, 20)}`);
  } catch (error) {
    // It cannot save to its disk and therefore takes no writes, but it serves what it has.
    if (!(error instanceof ErrorReply && error.message.startsWith('MISCONF'))) throw error;
  }
}

/** Not the client's own parser, which leaves the brackets around an IPv6 address. */
function optionsOf({ protocol, hostname, port, username, password, pathname }: URL, signal: AbortSignal) {
  const socket = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    tls: protocol === 'rediss:',
    reconnectStrategy: false,
    // Of net.Socket: the only way to end a connection of 1.6.1 in whatever state it is.
    signal,
  };
  return {
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(pathname.length > 1 && { database: Number(pathname.slice(1)) }),
    socket: socket as RedisClientOptions['socket'],
    disableOfflineQueue: true,
    disableClientInfo: true,
    commandsQueueMaxLength: MAX_IN_FLIGHT,
  } satisfies RedisClientOptions;
}
