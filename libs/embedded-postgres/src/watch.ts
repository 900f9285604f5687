// The claim of one process on the server: a shared advisory lock, held by a connection that lives as long as the claim.
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { EmbeddedPostgresError } from './errors';

/** Locks belong to a database, and in `postgres` there are no others: any number will do. */
const LOCK = 2018;
const CONNECT_TIMEOUT_MS = 5_000;
const RENEW_EVERY_MS = 100;
const RENEW_ATTEMPTS = 600;

export class Watch {
  private claim: Promise<Client | undefined>;
  private isReleased = false;

  private constructor(
    private readonly url: string,
    client: Client,
  ) {
    this.claim = Promise.resolve(client);
    this.renewWhenLost(client);
  }

  /** @param url of the database `postgres`. Waits while a process that is just leaving stops the server, and then fails. */
  static async open(url: string): Promise<Watch> {
    return new Watch(url, await connect(url));
  }

  createDatabase(name: string): Promise<void> {
    return whileAwake(async () => {
      const client = await this.claim;
      if (!client) throw new EmbeddedPostgresError('PostgreSQL ended right after its start: see its log and retry');
      const found = await client.query('select from pg_database where datname = $1', [name]);
      if (found.rowCount !== 0) return;
      await client.query(`create database ${client.escapeIdentifier(name)}`).catch((error: { code?: string }) => {
        // Another process created it in between; the loser of a close race hears of the unique index instead.
        if (error.code !== '42P04' && error.code !== '23505') throw error;
      });
    });
  }

  /** Gives the claim back and runs `leave` when nobody else has one; until that is done nobody can get one. */
  release(leave: () => Promise<void>): Promise<void> {
    this.isReleased = true;
    return whileAwake(async () => {
      const client = await this.claim;
      // Without a connection there is no server, or one that this process no longer has a part in.
      if (!client) return;
      try {
        if (await isLast(client)) await leave();
      } finally {
        await client.end().catch(() => undefined);
      }
    });
  }

  /** PostgreSQL restarts itself when a backend crashes; the claim would be gone without notice. */
  private renewWhenLost(client: Client): void {
    client.once('end', () => {
      if (!this.isReleased) this.claim = this.renew();
    });
  }

  private async renew(): Promise<Client | undefined> {
    for (let attempt = 0; attempt < RENEW_ATTEMPTS && !this.isReleased; attempt++) {
      await sleep(RENEW_EVERY_MS, undefined, { ref: false });
      const client = await connect(this.url).catch(() => undefined);
      if (client) this.renewWhenLost(client);
      if (client) return client;
    }
    return undefined;
  }
}

async function connect(url: string): Promise<Client> {
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    application_name: 'floodgate-embedded',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    stream: () => socket,
  });
  // Without a listener a server that goes away would take this process with it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [LOCK]);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  // A command that forgets to stop must still be able to end.
  socket.unref();
  return client;
}

/** The connection does not keep the process alive; what waits for an answer on it has to. */
async function whileAwake<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 1_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

async function isLast(client: Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [LOCK]);
    const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [LOCK]);
    return rows[0]?.last === true;
  } catch {
    return false;
  }
}
