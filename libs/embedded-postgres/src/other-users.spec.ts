// PostgreSQL under a root that it refuses: as somebody else, also when they can reach neither the project nor its folder.
import { chmod, chown, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findServerPid, makeFolder, query, removeFolders, startForTest } from '../test/folders';
import { Child, compileProject } from '../test/project';
import { allows, findUnprivilegedUser, READ_AND_RUN, type UnixUser } from './unprivileged-user';

const NOBODY = { uid: 65534, gid: 65534 };

afterAll(removeFolders);

describe('what another user may do', () => {
  test.each([
    [{ uid: 7, gid: 8 }, 0o700, true],
    [{ uid: 7, gid: 8 }, 0o077, false],
    [{ uid: 9, gid: 8 }, 0o070, true],
    [{ uid: 9, gid: 8 }, 0o707, false],
    [{ uid: 9, gid: 9 }, 0o005, true],
    [{ uid: 9, gid: 9 }, 0o774, false],
  ])('is decided for %j by the one digit of mode %o that is theirs', (user, mode, expected) => {
    expect(allows({ uid: 7, gid: 8, mode }, user, READ_AND_RUN)).toBe(expected);
  });

  test.each([
    ['nobody:x:65534:65534::/:\npostgres:x:101:104::/:\n', { uid: 101, gid: 104 }],
    ['nobody:*:-2:-2::/:\n_postgres:*:216:216::/:\n', { uid: 216, gid: 216 }],
    ['nobody:*:-2:-2::/:\n', undefined],
  ])('%j names the user to run as', (passwd, expected) => {
    expect(findUnprivilegedUser(passwd)).toEqual(expected);
  });
});

// Only root can become somebody else.
if (process.platform === 'linux' && process.getuid?.() === 0) {
  testRoot();
  testClosedProject();
}

function testRoot(): void {
  describe('root', () => {
    let directory: string;

    test('runs PostgreSQL as an unprivileged user who may pass through a private folder, and no more', async () => {
      directory = await makeFolder();
      await chmod(directory, 0o700);
      await writeFile(join(directory, 'secret'), '', { mode: 0o600 });
      const server = await startForTest(directory);
      const pid = (await findServerPid(directory)) as number;
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      await server.stop();
      const { uid, gid, mode } = await stat(directory);
      const expected = findUnprivilegedUser(await readFile('/etc/passwd', 'utf8'));

      expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBe(expected?.uid);
      expect(/^Groups:(.*)$/m.exec(status)?.[1]?.trim()).toBe('');
      expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: expected?.gid, mode: 0o710 });
      expect((await stat(join(directory, 'secret'))).mode & 0o777).toBe(0o600);
    });

    test('takes over a database that was copied by root', async () => {
      await give(join(directory, 'postgres'), { uid: 0, gid: 0 });
      const servers = await Promise.all([startForTest(directory), startForTest(directory)]);
      await Promise.all(servers.map((server) => server.stop()));

      expect((await stat(join(directory, 'postgres'))).uid).not.toBe(0);
    });
  });
}

function testClosedProject(): void {
  describe('a project below a folder of mode 0700', () => {
    let closed: string;
    let project: string;
    const readHome = async () => (await readFile(join(project, 'data/postgres.location'), 'utf8')).trim();

    beforeAll(async () => {
      closed = await makeFolder();
      await chmod(closed, 0o700);
      project = await compileProject(join(closed, 'project'), 'copied');
    });
    afterAll(async () => rm(await readHome(), { recursive: true }));

    test('is served from elsewhere for root, with a note, without a change to that folder', async () => {
      const directory = join(project, 'data');
      const first = Child.start(project, directory);
      await query((await first.report).url, 'create table kept as select 42 as answer');
      await first.stop();
      const home = await readHome();
      const second = Child.start(project, directory);
      const rows = await query((await second.report).url, 'select answer from kept');
      await second.stop();

      expect(rows).toEqual([{ answer: 42 }]);
      expect(home).toMatch(/^\/var\/lib\/floodgate\/[0-9a-f]{16}$/);
      expect((await readdir(home)).sort()).toEqual(['postgres', expect.stringMatching(/^postgres-binaries-18\./)]);
      expect((await readdir(directory)).sort()).toEqual(['postgres.location', 'postgres.log']);
      expect((await stat(closed)).mode & 0o777).toBe(0o700);
    });

    test('keeps its database when it moves, and when another user than that of before would be chosen', async () => {
      const moved = join(closed, 'moved');
      await rename(project, moved);
      project = moved;
      await give(join(await readHome(), 'postgres'), NOBODY);
      const child = Child.start(project, join(project, 'data'));
      const rows = await query((await child.report).url, 'select answer from kept');
      await child.stop();

      expect(rows).toEqual([{ answer: 42 }]);
    });

    test('serves users who may read its packages but not link in them, and root leaves them their database', async () => {
      await chmod(closed, 0o755);
      const theirs = await makeFolder();
      await chmod(theirs, 0o700);
      await chown(theirs, NOBODY.uid, NOBODY.gid);
      const children = [1, 2].map(() => Child.start(project, theirs, NOBODY));
      const reports = await Promise.all(children.map((child) => child.report));
      await Promise.all(children.map((child) => child.stop()));
      await (await startForTest(theirs)).stop();

      expect(reports.map((report) => report.error ?? report.joined).sort()).toEqual([false, true]);
      const [, binaries] = await readdir(await readHome());
      expect((await readdir(theirs)).sort()).toEqual(['postgres', binaries, 'postgres.log']);
      expect((await stat(join(theirs, 'postgres/data/PG_VERSION'))).uid).toBe(NOBODY.uid);
    });
  });
}

async function give(path: string, { uid, gid }: UnixUser): Promise<void> {
  for (const name of await readdir(path, { recursive: true })) await chown(join(path, name), uid, gid);
  await chown(path, uid, gid);
}
