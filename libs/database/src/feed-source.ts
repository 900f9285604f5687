// Asks PostgreSQL what has changed, on a connection of its own that nothing can queue in front of.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { Client } from 'pg';
import { LOGGED_TABLES } from './change-log';
import type { Change } from './known-changes';
import { parseSnapshot, type Snapshot } from './snapshot';
import { getTypeParser } from './types';

export interface Poll {
  readonly snapshot: Snapshot;
  /** Every change that this snapshot sees and the previous one did not; at first, those since `floor`. */
  readonly changes: readonly Change[];
  /** The log is complete from this transaction on. */
  readonly floor: number;
}

/** The server that a connection reached. */
export interface Server {
  /** Another one after a restart, a failover, or for another database: whatever was read before may be gone. */
  readonly epoch: string;
  /** Tables all of whose changes are in the log. */
  readonly loggedTables: ReadonlySet<string>;
}

/** Where the feed gets its changes from. Calls never overlap. */
export interface FeedSource {
  /** Connects unless connected. */
  connect(): Promise<Server>;
  /** @param previous the snapshot of the poll before; absent: at first, the newest `limit` changes that the log has */
  poll(previous: Snapshot | undefined): Promise<Poll>;
  close(): Promise<void>;
}

/** Milliseconds. */
const CONNECT_MS = 1_000;
const STATEMENT_MS = 2_000;
const LEAVE_MS = 200;

/**
 * A start of the server and a failover are another history, and so is a crash that the postmaster survives: ids of transactions
 * that left no trace are given again. It resets the statistics.
 */
const SERVER = `
  SELECT concat_ws(' ', system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),
    pg_postmaster_start_time(), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
    (SELECT stats_reset FROM pg_stat_bgwriter)) AS identity
  FROM pg_control_system()`;

const changesOf = (newest: string): string => `
  SELECT pg_current_snapshot()::text AS snapshot, (SELECT min(horizon)::text FROM change_log_marks) AS floor,
    l.xid::text, l.tags, l.is_cut AS "isCut"
  FROM (SELECT 1) AS one LEFT JOIN (${newest}) AS l ON true`;

/** Exactly what the previous snapshot did not see: `id > last` would lose transactions that commit late. All or nothing. */
const SINCE = changesOf(`
  SELECT xid, CASE WHEN sum(cardinality(tags)) OVER () <= $3 THEN tags ELSE '{}' END AS tags,
    sum(cardinality(tags)) OVER () > $3 AS is_cut
  FROM (SELECT xid, tags FROM change_log WHERE xid >= $1::xid8 OR xid = ANY($2::xid8[]) LIMIT $3) AS changes`);

/** The newest, as long as they have no more tags than so many together. */
const AT_FIRST = changesOf(`
  SELECT xid, CASE WHEN total <= $1 THEN tags ELSE '{}' END AS tags, total > $1 AS is_cut FROM (
    SELECT xid, tags, sum(cardinality(tags)) OVER (ORDER BY xid DESC ROWS UNBOUNDED PRECEDING) AS total
    FROM (SELECT xid, tags FROM change_log WHERE xid >= (SELECT min(horizon) FROM change_log_marks) ORDER BY xid DESC LIMIT $1) AS newest
  ) AS counted`);

interface Row {
  snapshot: string;
  floor: string | null;
  xid: string | null;
  tags: string[] | null;
  /** Too many: its tags were left out. */
  isCut: boolean | null;
}

export class PostgresSource implements FeedSource {
  private client?: Client;
  private server?: Server;
  private isClosed = false;

  constructor(
    private readonly url: string,
    private readonly limit: number,
  ) {}

  async connect(): Promise<Server> {
    if (this.client && this.server) return this.server;
    const client = new Client({
      connectionString: this.url,
      application_name: 'floodgate feed',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
      types: { getTypeParser },
    });
    // Whatever breaks the connection also fails the poll that is under way, or the next one.
    const lose = (): void => {
      if (this.client === client) this.client = undefined;
    };
    client.on('error', lose).on('end', lose);
    try {
      await client.connect();
      // The log's statistics may be old, and a plan that reads it from end to end would only be noticed under load.
      await client.query(
        `SET enable_seqscan = off; SET statement_timeout = ${STATEMENT_MS}; SET synchronous_commit = off`,
      );
      const identity = await client.query<{ identity: string }>(SERVER);
      const tables = await client.query<{ name: string }>(LOGGED_TABLES);
      this.server = {
        epoch: createHash('sha256').update(String(identity.rows[0]?.identity)).digest('base64url').slice(0, 12),
        loggedTables: new Set(tables.rows.map(({ name }) => name)),
      };
      if (this.isClosed) throw new Error('The change feed was closed.');
      this.client = client;
      return this.server;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  async poll(previous: Snapshot | undefined): Promise<Poll> {
    if (!this.client) throw new Error('The change feed is not connected.');
    try {
      const { rows } = await this.client.query<Row>(
        previous
          ? {
              name: 'changes',
              text: SINCE,
              values: [String(previous.xmax), previous.inProgress.map(String), this.limit],
            }
          : { text: AT_FIRST, values: [this.limit] },
      );
      return pollOf(rows, this.limit, previous === undefined);
    } catch (error) {
      void this.leave();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.leave();
  }

  private async leave(): Promise<void> {
    const { client } = this;
    if (!client) return;
    this.client = undefined;
    // A server that does not answer does not take leave either.
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    const cut = setTimeout(() => stream.destroy(), LEAVE_MS);
    await client.end().catch(() => undefined);
    clearTimeout(cut);
  }
}

function pollOf(rows: readonly Row[], limit: number, isFirst: boolean): Poll {
  const snapshot = parseSnapshot(rows[0]?.snapshot ?? '');
  if (!snapshot) throw new Error(`PostgreSQL gave no snapshot: ${rows[0]?.snapshot}`);
  const floor = Number(rows[0]?.floor ?? snapshot.xmax);
  const changes = rows.flatMap(({ xid, tags, isCut }) => (xid && tags && !isCut ? [{ xid: Number(xid), tags }] : []));
  changes.sort((a, b) => a.xid - b.xid);
  if (changes.length === rows.length && rows.length < limit) return { snapshot, changes, floor };
  if (rows[0]?.xid === null) return { snapshot, changes, floor };
  // Of the oldest transaction that is left, some changes may be missing; later, that is as good as none.
  const [oldest] = changes;
  return { snapshot, changes, floor: isFirst && oldest ? oldest.xid + 1 : snapshot.xmax };
}
