// What processes that start together, are killed, or leave wrong traces do to the database of a directory.
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findServerPid, makeFolder, query, removeFolders, startForTest, until } from '../test/folders';
import { Child, compileProject } from '../test/project';

let project: string;
let directory: string;

beforeAll(async () => {
  project = await compileProject(await makeFolder());
  directory = await makeFolder();
});
afterAll(removeFolders);

describe('processes', () => {
  test('that start at the same time on an empty folder share one whole database', async () => {
    const children = [1, 2].map(() => Child.start(project, directory));
    const reports = await Promise.all(children.map((child) => child.report));
    await Promise.all(children.map((child) => child.stop()));

    expect(new Set(reports.map(({ url }) => url)).size).toBe(1);
    expect(reports.map(({ joined }) => joined).sort()).toEqual([false, true]);
    expect((await readdir(directory)).sort()).toEqual(['postgres', 'postgres.log']);
    expect(await findServerPid(directory)).toBeUndefined();
  });

  test('that are killed leave their server to the next one, which also stops it', async () => {
    const child = Child.start(project, directory);
    const { url } = await child.report;
    // A group of its own, or Ctrl-C in the terminal of the child would reach it.
    process.kill(-((await findServerPid(directory)) as number), 0);
    await child.kill();
    const next = await startForTest(directory);

    expect(next).toMatchObject({ joined: true, url });
    await next.stop();
    expect(await findServerPid(directory)).toBeUndefined();
  });

  test('that are killed during initdb leave nothing that the next one stumbles over', async () => {
    const fresh = await makeFolder();
    const child = Child.start(project, fresh);
    const draft = await until(async () => (await readdir(fresh)).find((name) => name.includes('.draft-')));
    await until(async () => (await readdir(join(fresh, draft, 'data'))).includes('base') || undefined);
    await child.kill();
    // What an initdb that was killed as well leaves is removed later, when nobody can be at work on it.
    const old = join(fresh, 'postgres.draft-killed');
    await mkdir(join(old, 'data'), { recursive: true });
    await utimes(old, 0, 0);

    const server = await startForTest(fresh);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(await readdir(fresh)).not.toContain('postgres.draft-killed');
  });

  test('survive the death of PostgreSQL, and start it again over what it left', async () => {
    const child = Child.start(project, directory);
    const { url } = await child.report;
    await query(url, 'create table written as select 42 as answer');
    // A part of it that dies last: until then PostgreSQL refuses to touch the data.
    const [claim] = await query(url, `select pid from pg_locks where locktype = 'advisory'`);
    const lastPid = claim?.['pid'] as number;
    process.kill(lastPid, 'SIGSTOP');
    process.kill((await findServerPid(directory)) as number, 'SIGKILL');
    const starting = startForTest(directory);
    const log = join(directory, 'postgres.log');
    await until(async () => (await readFile(log, 'utf8')).includes('pre-existing shared memory block') || undefined);
    process.kill(lastPid, 'SIGCONT');
    const server = await starting;

    expect(server.joined).toBe(false);
    expect(await query(server.url, 'select answer from written')).toEqual([{ answer: 42 }]);
    await child.stop();
    expect(child.running.exitCode).toBe(0);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });
});

describe('a postmaster.pid that lies', () => {
  test('does not block: after a reboot its id belongs to another program', async () => {
    const pidFile = join(directory, 'postgres/data/postmaster.pid');
    const first = await startForTest(directory);
    process.kill((await findServerPid(directory)) as number, 'SIGKILL');
    await first.stop();
    // Of the same user, and not our own: those two PostgreSQL forgives.
    const { uid, gid } = await stat(pidFile);
    const other = spawn('sleep', ['60'], process.getuid?.() === 0 ? { uid, gid } : {});
    await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(other.pid)));
    const server = await startForTest(directory);
    await server.stop();
    other.kill();

    expect(server.joined).toBe(false);
    expect(await findServerPid(directory)).toBeUndefined();
  });

  test('is not followed from a copy of the folder to the server of the original', async () => {
    const original = await startForTest(directory);
    const copy = await makeFolder();
    await cp(directory, copy, { recursive: true });
    const server = await startForTest(copy);

    expect(server.joined).toBe(false);
    expect(server.port).not.toBe(original.port);
    expect(await query(original.url, 'select answer from written')).toEqual([{ answer: 42 }]);
    await server.stop();
    expect(await findServerPid(directory)).toBeDefined();
    await original.stop();
  });
});
