// Whatever is wrong with the folder, the disk or the machine is one sentence that says what to do.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, removeFolders, startForTest } from '../test/folders';
import { refusalOf } from '../test/refusal';
import { complaintIn, explain, explainOutput } from './errors';
import { spawnProgram } from './program';
import { getUnprivilegedUser } from './unprivileged-user';

const isRoot = process.getuid?.() === 0;
let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(removeFolders);

describe('a folder is refused', () => {
  test('below a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await refusalOf(startForTest(join(file, 'data')))).toContain(`${file}/data, which this user cannot read`);
  });

  test('that belongs to somebody else', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o555);
    if (isRoot) process.seteuid?.(65534);
    const message = await refusalOf(startForTest(closed)).finally(() => isRoot && process.seteuid?.(0));
    expect(message).toContain('(EACCES)');
  });

  test('of another major version', async () => {
    const data = join(folder, 'old/postgres/data');
    await mkdir(data, { recursive: true });
    await writeFile(join(data, 'PG_VERSION'), '17\n');
    const message = await refusalOf(startForTest(join(folder, 'old')));
    expect(message).toContain('holds a database of PostgreSQL 17, and PostgreSQL 18 is to run');
  });

  test('with something else in the place of the database', async () => {
    await mkdir(join(folder, 'other/postgres'), { recursive: true });
    expect(await refusalOf(startForTest(join(folder, 'other')))).toContain('holds no database');
  });
});

describe('a machine is refused', () => {
  test('where root finds no user to run PostgreSQL as', async () => {
    const passwd = join(folder, 'passwd');
    await writeFile(passwd, 'root:x:0:0:root:/root:/bin/sh\npostgres:x:0:0::/:/bin/sh\n');
    expect(await refusalOf(getUnprivilegedUser(passwd))).toContain('no user `postgres` or `nobody`');
  });

  test.each([
    ['that lacks the loader of the programs (musl)', '#!/lib64/missing-loader\n', 0o755, 'needs glibc'],
    ['that does not let the programs run', '#!/bin/sh\n', 0o644, 'cannot be started (EACCES)'],
  ])('%s', async (_, program, mode, words) => {
    const native = await makeFolder();
    await mkdir(join(native, 'bin'));
    await writeFile(join(native, 'bin/postgres'), program, { mode });
    const home = { directory: folder, folder };
    const attempt = spawnProgram({ native, majorVersion: '18' }, home, ['postgres'], { stdio: 'ignore' });
    expect(await refusalOf(attempt)).toContain(words);
  });

  test.each([
    explain(Object.assign(new Error('write'), { code: 'ENOSPC' }), '/srv/data'),
    explain(Object.assign(new Error('could not extend file'), { code: '53100' }), '/srv/data'),
    explainOutput('initdb', 'initdb: error: could not write: No space left on device\n', '/srv/data'),
    explainOutput('initdb', 'FATAL:  wrote only 4096\nHINT:  Check free disk space.\nPANIC:  abort\n', '/srv/data'),
  ])('whose disk is full, whoever notices it', async (error) => {
    expect(await refusalOf(Promise.reject(error as Error))).toContain('The disk that holds /srv/data is full');
  });

  test('and an error of another kind stays what it is', () => {
    const error = new TypeError('a mistake in the code');
    expect(explain(error, '/srv/data')).toBe(error);
  });
});

test('the line that names the failure is quoted, not the hint or the farewell after it', () => {
  const log = [
    '2026-01-01 10:00:00.000 UTC [7] LOG:  starting PostgreSQL',
    '2026-01-01 10:00:00.001 UTC [9] PANIC:  could not locate a valid checkpoint record',
    '2026-01-01 10:00:00.002 UTC [7] LOG:  aborting startup due to startup process failure',
    '',
  ].join('\n');
  expect(complaintIn(log)).toBe('could not locate a valid checkpoint record');
  expect(complaintIn('cannot open shared object\n')).toBe('cannot open shared object');
});
