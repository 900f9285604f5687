// Takes a server for lost that does not even say that a statement has taken too long: frozen, or behind a dead network.
import type { Client, ClientBase } from 'pg';

/** Milliseconds beyond the limit that the server itself keeps. */
const GRACE = 250;
const LONGEST = 2 ** 31 - 1;

const limits = new WeakMap<object, number>();

/**
 * From now on the statements of this connection may take so many milliseconds, as PostgreSQL was told too (`statement_timeout`);
 * 0: as long as they like; undefined: what they may by default.
 */
export function allow(client: ClientBase, statementMs: number | undefined): void {
  if (statementMs === undefined) limits.delete(client);
  else limits.set(client, statementMs === 0 ? Infinity : statementMs);
}

/** Ends the connection, which fails all that wait for it, unless the returned call comes in time. */
export function expectAnswer(client: Client, defaultMs: number): () => void {
  let isAnswered = false;
  const giveUp = (): void => {
    // What has arrived while this process was busy is no late answer.
    setImmediate(() => {
      if (!isAnswered)
        (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    });
  };
  const timer = setTimeout(giveUp, Math.min(LONGEST, (limits.get(client) ?? defaultMs) + GRACE)).unref();
  return () => {
    isAnswered = true;
    clearTimeout(timer);
  };
}
