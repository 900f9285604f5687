// Asks PostgreSQL what has changed, on a connection of its own that nothing can queue in front of.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { Client } from 'pg';
import { LOGGED_TABLES } from './change-log';
import type { Change } from './known-changes';
import { parseSnapshot, type Snapshot } from './snapshot';

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

/** The start of the postmaster and the timeline tell a restart and a failover; of a copy, the address differs. */
const SERVER = `
  SELECT concat_ws(' ', system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),
    pg_postmaster_start_time(), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)) AS identity
  FROM pg_control_system()`;

/** Exactly what the previous snapshot did not see: `id > last` would lose transactions that commit late. */
const CHANGES = `
  SELECT pg_current_snapshot()::text AS snapshot, (SELECT min(horizon)::text FROM change_log_marks) AS floor, l.xid::text, l.tags
  FROM (SELECT 1) AS one LEFT JOIN change_log l ON l.xid >= $1::xid8 OR l.xid = ANY($2::xid8[])`;

const NEWEST = `
  SELECT pg_current_snapshot()::text AS snapshot, (SELECT min(horizon)::text FROM change_log_marks) AS floor, l.xid::text, l.tags
  FROM (SELECT 1) AS one LEFT JOIN (
    SELECT xid, tags FROM change_log WHERE xid >= (SELECT min(horizon) FROM change_log_marks) ORDER BY xid DESC LIMIT $1
  ) AS l ON true`;

interface Row {
  snapshot: string;
  floor: string | null;
  xid: string | null;
  tags: string[] | null;
}

export class PostgresSource implements FeedSource {
  private client?: Client;
  private server?: Server;

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
          ? { name: 'changes', text: CHANGES, values: [String(previous.xmax), previous.inProgress.map(String)] }
          : { text: NEWEST, values: [this.limit] },
      );
      return pollOf(rows, previous ? undefined : this.limit);
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
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

function pollOf(rows: readonly Row[], limit: number | undefined): Poll {
  const snapshot = parseSnapshot(rows[0]?.snapshot ?? '');
  if (!snapshot) throw new Error(`PostgreSQL gave no snapshot: ${rows[0]?.snapshot}`);
  const changes = rows.flatMap(({ xid, tags }) => (xid && tags ? [{ xid: Number(xid), tags }] : []));
  const floor = Number(rows[0]?.floor ?? snapshot.xmax);
  if (limit === undefined) return { snapshot, changes, floor };
  changes.sort((a, b) => a.xid - b.xid);
  // Cut off: of the oldest transaction in the list, some changes may be missing.
  const [oldest] = changes;
  return { snapshot, changes, floor: oldest && changes.length >= limit ? oldest.xid + 1 : floor };
}
