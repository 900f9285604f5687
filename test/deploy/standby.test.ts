// The standby of deploy/compose.yaml: the scripts and command lines that stand there, by Debian's PostgreSQL on this machine.
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { parse } from 'yaml';
import { end, identity, launch, run, type Running } from '../support/debian-postgres';
import { describeWith } from '../support/programs';
import { DEPLOY } from '../support/proxies';
import { freePort } from '../support/redis';

jest.setTimeout(60_000);

const PASSWORD = 'a-password-of-tests';
const { services } = parse(readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8'), { merge: true });

describeWith('pg_basebackup', 'the standby', () => {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-standby-'));
  const data = { primary: join(folder, 'primary'), standby: join(folder, 'volume/standby') };
  const ports = { primary: 0, standby: 0 };
  const running: { primary?: Running; standby?: Running } = {};

  /** Of a service of Compose, but for where it listens and that no disk has to keep it. */
  const commandOf = (name: 'postgres' | 'standby', port: number): string[] => {
    const here = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off' };
    const { entrypoint = [], command } = services[name] as Record<string, string[] | undefined>;
    const words = [...entrypoint, ...(command ?? [])].map((word) => word.replace('/standby.sh', script('standby.sh')));
    return [...words, ...Object.entries(here).map(([setting, value]) => `--${setting}=${value}`)];
  };
  const script = (name: string): string => join(folder, name);

  const query = async (port: number, statement: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: `postgres://floodgate:${PASSWORD}@127.0.0.1:${port}/floodgate` });
    try {
      await client.connect();
      return (await client.query(statement)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  /** Asks until there is such a row; a server that has ended will never have one. */
  const until = async (name: 'primary' | 'standby', statement: string): Promise<void> => {
    for (;;) {
      const { child, said } = running[name] as Running;
      if (child.exitCode !== null) throw new Error(`The ${name} has ended with ${child.exitCode}:\n${said()}`);
      const rows = await query(ports[name], statement).catch(() => []);
      if (rows.length > 0) return;
      await sleep(50);
    }
  };

  const startPrimary = async (): Promise<void> => {
    running.primary = launch(commandOf('postgres', ports.primary), { PGDATA: data.primary });
    await until('primary', 'SELECT 1');
  };

  /** @param done what the primary must have seen */
  const startStandby = async (): Promise<void> => {
    const { environment } = services.standby;
    const primary = environment.PRIMARY.replace('host=postgres', `host=127.0.0.1 port=${ports.primary}`);
    running.standby = launch(commandOf('standby', ports.standby), {
      PGDATA: data.standby,
      PGPASSWORD: PASSWORD,
      PRIMARY: primary,
    });
    await until('standby', 'SELECT 1');
    await until('primary', "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'");
  };

  const isOnStandby = (name: string): Promise<void> => until('standby', `SELECT 1 FROM notes WHERE name = '${name}'`);

  beforeAll(async () => {
    ports.primary = await freePort();
    ports.standby = await freePort();
    for (const name of ['standby.sh', 'replication.sh']) {
      writeFileSync(script(name), readFileSync(join(DEPLOY, 'postgres', name), 'utf8'));
      chmodSync(script(name), 0o644);
    }
    writeFileSync(script('password'), PASSWORD);
    mkdirSync(join(folder, 'volume'));
    const { uid, gid } = identity();
    if (uid !== undefined && gid !== undefined)
      for (const path of [folder, script('password'), join(folder, 'volume')]) chownSync(path, uid, gid);
    // As the image makes a database: the scripts run before anybody else gets in.
    run(['initdb', '-D', data.primary, '-U', 'floodgate', '-N', `--pwfile=${script('password')}`], {});
    const rules = 'local all all trust\nhost all all all scram-sha-256\n';
    writeFileSync(join(data.primary, 'pg_hba.conf'), rules);
    const child = { PGHOST: folder, PGPORT: String(ports.primary), PGDATA: data.primary };
    running.primary = launch(commandOf('postgres', ports.primary), { PGDATA: data.primary });
    while (!running.primary.said().includes('ready to accept')) {
      expect(running.primary.child.exitCode).toBeNull();
      await sleep(20);
    }
    run(['createdb', '-U', 'floodgate', 'floodgate'], child);
    run(['sh', script('replication.sh')], { ...child, POSTGRES_USER: 'floodgate' });
    await end(running.primary, 'SIGINT');
    await startPrimary();
    await query(ports.primary, 'CREATE TABLE notes (name text)');
    // Somebody has pulled the plug while it was copied.
    mkdirSync(`${data.standby}.part`);
    writeFileSync(join(`${data.standby}.part`, 'PG_VERSION'), '18\n');
    if (uid !== undefined && gid !== undefined) chownSync(`${data.standby}.part`, uid, gid);
  });

  afterAll(async () => {
    for (const one of [running.standby, running.primary]) if (one) await end(one, 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  });

  it('copies the primary, follows it and lets nobody write', async () => {
    await startStandby();
    await query(ports.primary, "INSERT INTO notes VALUES ('copied')");
    await isOnStandby('copied');
    expect(existsSync(`${data.standby}.part`)).toBe(false);
    await expect(query(ports.standby, "INSERT INTO notes VALUES ('no')")).rejects.toThrow('read-only transaction');
  });

  it('goes on where it was after it had ended', async () => {
    await end(running.standby as Running, 'SIGINT');
    await query(ports.primary, "INSERT INTO notes VALUES ('meanwhile')");
    await startStandby();
    await isOnStandby('meanwhile');
  });

  it('is kept no more of by the primary than the disk has room for', async () => {
    const slots = 'SELECT slot_name, active, wal_status FROM pg_replication_slots WHERE safe_wal_size <= 5 * 1024 ^ 3';
    expect(await query(ports.primary, slots)).toEqual([{ slot_name: 'standby', active: true, wal_status: 'reserved' }]);
  });

  it('is as large as the primary once it is promoted', async () => {
    run(['pg_ctl', 'promote', '-D', data.standby], {});
    await until('standby', 'SELECT 1 WHERE NOT pg_is_in_recovery()');
    await query(ports.standby, "INSERT INTO notes VALUES ('promoted')");
    const settings = "SELECT setting FROM pg_settings WHERE name = 'max_connections'";
    expect(await query(ports.standby, settings)).toEqual(await query(ports.primary, settings));
  });
});
