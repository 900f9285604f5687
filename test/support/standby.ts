// A second PostgreSQL that follows the first, made from a copy of its files as pg_basebackup makes one.
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Postgres } from '../coherence/postgres';

const NAME = 'standby';
/** What belongs to the running server, not to its data. */
const NOT_COPIED = /\/(postmaster\.(pid|opts)|pg_replslot\/.+|pg_stat_tmp\/.+)$/;

/**
 * Follows from now on, and has what the primary acknowledges: replication is synchronous.
 * @param directory where it shall be, empty
 */
export async function startStandby(primary: Postgres, directory: string): Promise<Postgres> {
  const client = new Client({ connectionString: primary.url });
  // It will be killed.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const folder = await copy(client, primary, directory);
    writeFileSync(join(folder, 'standby.signal'), '');
    const { port, username, password } = new URL(primary.url);
    const leader = `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=${NAME}`;
    const standby = await Postgres.start(directory, { primary_conninfo: leader });
    await client.query(`ALTER SYSTEM SET synchronous_standby_names = '${NAME}'`);
    await client.query('SELECT pg_reload_conf()');
    const synchronous = 'SELECT FROM pg_stat_replication WHERE sync_state = $1';
    while ((await client.query(synchronous, ['sync'])).rowCount === 0) await delay(20);
    return standby;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes it the primary; it writes once this returns. */
export async function promote({ url }: Postgres): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('SELECT pg_promote()');
  await client.end();
}

async function copy(client: Client, { dataFolder }: Postgres, directory: string): Promise<string> {
  const folder = join(directory, 'postgres/data');
  await client.query("SELECT pg_backup_start('standby', true)");
  cpSync(dirname(dataFolder), dirname(folder), { recursive: true, filter: (path) => !NOT_COPIED.test(path) });
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
  writeFileSync(join(folder, 'backup_label'), rows[0]?.labelfile ?? '');
  chmodSync(folder, 0o700);
  return folder;
}
