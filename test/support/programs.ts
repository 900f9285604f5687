// Suites that need a program from the system: run where it is, and loudly not run where it is not; with CI=true that is a failure.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute path of a program on the PATH. */
export function findProgram(name: string): string | undefined {
  const isExecutable = (path: string) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** A `describe` that needs a program and is given its path. */
export function describeWith(program: string, title: string, suite: (path: string) => void): void {
  const path = findProgram(program);
  if (path !== undefined) return describe(title, () => suite(path));
  if (process.env['CI'] === 'true')
    return describe(title, () => {
      it(`needs ${program}`, () => {
        throw new Error(`${program} is not installed, and CI=true.`);
      });
    });
  process.stderr.write(`\n  NOT RUN: "${title}" needs the program ${program}, which is not on the PATH.\n\n`);
  describe(title, () => {
    it.todo(`needs ${program}`);
  });
}
