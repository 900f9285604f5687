import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@app/embedded-postgres';
import { Client } from 'pg';
import { PostgresSource } from './feed-source';

let directory: string;
let server: EmbeddedPostgres;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'floodgate-crash-'));
  chmodSync(directory, 0o755);
  // Nothing but a COMMIT writes to the disk: a crash then loses as much as it can.
  const settings = { wal_writer_delay: '10s', bgwriter_delay: '10s', fsync: 'off' };
  server = await startEmbeddedPostgres({ directory, settings });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function connect(): Promise<Client> {
  for (;;) {
    const client = new Client({ connectionString: server.url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch {
      await client.end().catch(() => undefined);
      await delay(50);
    }
  }
}

it('a crash that the postmaster survives is another epoch, since ids of transactions are given a second time', async () => {
  const before = await connect();
  await before.query(`CREATE TABLE change_log (xid xid8 DEFAULT pg_current_xact_id(), tags text[])`);
  await before.query(`CREATE TABLE change_log_marks (horizon xid8)`);
  const source = new PostgresSource(server.url, 100);
  const { epoch } = await source.connect();
  for (let n = 0; n < 3; n++) await before.query(`BEGIN; INSERT INTO change_log (tags) VALUES ('{a:1}'); ROLLBACK`);
  const { snapshot } = await source.poll(undefined);
  const { rows } = await before.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`,
  );
  const lost = new Promise((resolve) => before.once('end', resolve));
  process.kill(rows[0]!.pid, 'SIGKILL');
  await lost;
  await source.close();

  const after = await connect();
  await after.query(`INSERT INTO change_log (tags) VALUES ('{a:1}')`);
  await after.end();
  const next = new PostgresSource(server.url, 100);
  const again = await next.connect();
  const { changes } = await next.poll(snapshot);
  await next.close();
  // Asked for what the snapshot did not see, the log would say nothing of this change.
  expect({ isSameEpoch: again.epoch === epoch, changes }).toEqual({ isSameEpoch: false, changes: [] });
});
