import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findServerPid, makeFolder, query, removeFolders, startForTest, until } from '../test/folders';
import { refusalOf } from '../test/refusal';
import { startEmbeddedPostgres } from './index';

let directory: string;

beforeAll(async () => {
  directory = join(await makeFolder(), "new folder's data");
});
afterAll(removeFolders);

describe('an embedded server', () => {
  test('is a PostgreSQL 18 in UTF-8 that only this machine and only the password can reach', async () => {
    const server = await startForTest(directory, 'first "one"');
    const [row] = await query(
      server.url,
      `select current_database() as name, current_user as user, datlocprovider as provider, datlocale as locale,
              pg_encoding_to_char(encoding) as encoding, current_setting('server_version_num')::int / 10000 as major,
              current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
              current_setting('fsync') as fsync, current_setting('timezone') as zone
         from pg_database where datname = current_database()`,
    );
    const rules = await query(server.url, 'select distinct auth_method from pg_hba_file_rules');
    await server.stop();

    expect(row).toEqual({
      name: 'first "one"',
      user: 'floodgate',
      provider: 'b',
      locale: 'C.UTF-8',
      encoding: 'UTF8',
      major: 18,
      addresses: '127.0.0.1',
      sockets: '',
      fsync: 'off',
      zone: 'UTC',
    });
    expect(rules).toEqual([{ auth_method: 'scram-sha-256' }]);
    expect(server).toMatchObject({ joined: false, port: Number(new URL(server.url).port) });
  });

  test('keeps its password in a private file, out of its log and its arguments', async () => {
    const server = await startForTest(directory);
    const { password } = new URL(server.url);
    const file = join(directory, 'postgres/password');
    const argumentsOfServer = await query(server.url, `select pg_read_file('postmaster.opts') as text`);
    await server.stop();

    expect(password.length).toBeGreaterThanOrEqual(32);
    expect((await readFile(file, 'utf8')).trim()).toBe(password);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(argumentsOfServer[0]?.['text']).not.toContain(password);
    expect(await readFile(join(directory, 'postgres.log'), 'utf8')).not.toContain(password);
  });

  test('keeps its data, and the second start is quick', async () => {
    const first = await startForTest(directory);
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();

    const begin = performance.now();
    const second = await startForTest(directory);
    const startMs = performance.now() - begin;
    const rows = await query(second.url, 'select answer from kept');
    await second.stop();

    expect(rows).toEqual([{ answer: 42 }]);
    expect(startMs).toBeLessThan(1_000);
  });

  test('begins a new log when the old one has grown', async () => {
    const log = join(directory, 'postgres.log');
    await (await startForTest(directory)).stop();
    await appendFile(log, 'x'.repeat(1_000_001));
    await (await startForTest(directory)).stop();

    expect((await stat(log)).size).toBeLessThan(100_000);
  });
});

describe('several users of one server', () => {
  test('share it, and the last one out stops it', async () => {
    const first = await startForTest(directory);
    const second = await startForTest(directory, 'another');

    expect(second).toMatchObject({ joined: true, port: first.port });
    await Promise.all([first.stop(), first.stop()]);
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.stop();
    await second.stop();
    expect(await findServerPid(directory)).toBeUndefined();
    await expect(query(second.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('stop at the same moment, and exactly one of them stops the server', async () => {
    const servers = await Promise.all([1, 2, 3, 4].map(() => startForTest(directory)));

    expect(servers.filter((server) => !server.joined)).toHaveLength(1);
    await Promise.all(servers.map((server) => server.stop()));
    expect(await findServerPid(directory)).toBeUndefined();
  });

  test('get a working server when they come while the last one leaves', async () => {
    let server = await startForTest(directory);
    const joined: boolean[] = [];
    for (let delayMs = 0; delayMs < 12; delayMs++) {
      const leaving = server.stop();
      const waited = new Promise((resolve) => setTimeout(resolve, delayMs));
      server = await waited.then(() => startForTest(directory));
      await leaving;
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      joined.push(server.joined);
    }
    await server.stop();

    expect(joined).toContain(false);
    expect(await findServerPid(directory)).toBeUndefined();
  });

  test('keep their claim when PostgreSQL restarts itself after a crash', async () => {
    const first = await startForTest(directory);
    const claims = `select pid from pg_locks where locktype = 'advisory' and granted`;
    const [claim] = await query(first.url, claims);
    const pid = claim?.['pid'] as number;
    process.kill(pid, 'SIGKILL');

    const renewed = await until(async () => (await query(first.url, claims)).find((row) => row['pid'] !== pid));
    expect(renewed).toBeDefined();
    const second = await startForTest(directory);
    await second.stop();
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.stop();
    expect(await findServerPid(directory)).toBeUndefined();
  });
});

describe('a start is refused', () => {
  test('on a database whose password file was changed', async () => {
    const server = await startForTest(directory);
    const file = join(directory, 'postgres/password');
    const password = await readFile(file);
    await writeFile(file, 'something-else\n');
    const message = await refusalOf(startForTest(directory));
    await writeFile(file, password);
    await server.stop();

    expect(message).toContain('refuses the password');
    expect(message).not.toContain('something-else');
  });

  test.each([
    ['a setting that PostgreSQL does not accept', { shared_buffers: 'plenty' }, 'invalid value for parameter "shared_'],
    ['a setting that it does not know', { no_such_setting: 1 }, 'unrecognized configuration parameter "no_such_'],
  ])('with %s, in the words of PostgreSQL', async (_, settings, words) => {
    const attempt = startEmbeddedPostgres({ directory: directory, settings });
    expect(await refusalOf(attempt)).toContain(words);
  });
});
