// Turns whatever stops an embedded server into one sentence for the person at the terminal.

/** The embedded server cannot be used. The message is one sentence: what is wrong and what to do about it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** Of the system, and 53100 of PostgreSQL. */
const FULL_DISK = ['ENOSPC', 'EDQUOT', '53100'];
const UNUSABLE_FOLDER = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT', 'ELOOP', 'ENAMETOOLONG'];

/** The sentence for an error of the file system; any other error stays what it is. */
export function explain(error: unknown, directory: string): unknown {
  const { code = '', path = directory } = (error ?? {}) as NodeJS.ErrnoException;
  if (FULL_DISK.includes(code)) return fullDisk(directory, error);
  if (!UNUSABLE_FOLDER.includes(code)) return error;
  return new EmbeddedPostgresError(
    `The database needs ${path}, which this user cannot read and write (${code}): grant access to it, or choose another folder with DATA_DIR`,
    { cause: error },
  );
}

/** The sentence for a PostgreSQL program that gave up; `output` is what it printed. */
export function explainOutput(program: string, output: string, directory: string): EmbeddedPostgresError {
  if (/No space left on device|Disk quota exceeded|Check free disk space/.test(output)) return fullDisk(directory);
  return new EmbeddedPostgresError(
    `PostgreSQL did not start (${program}: ${complaintIn(output)}): correct this, or choose another folder with DATA_DIR`,
  );
}

function fullDisk(directory: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The disk that holds ${directory} is full: free some space, or choose another folder with DATA_DIR`,
    { cause },
  );
}

/** The last line that names a failure, else the last line: hints and shutdown notices follow the reason. */
export function complaintIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((text) => /\b(FATAL|PANIC|error):/.test(text)) ?? lines.at(-1) ?? 'no output';
  return line.replace(/^.*?\b(?:FATAL|PANIC|error):\s+/, '').trim();
}
