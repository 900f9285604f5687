// docs/security.md names the test of each promise: none of them may be gone.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const document = read('docs/security.md');

const PATH = /`((?:apps|libs|test)\/[^`\s]+)`/g;
/** The tests that are quoted behind the file that they are in. */
const QUOTED = /`((?:apps|libs|test)\/[^`\s]+)` "([^"]+)"/g;

const paths = new Set(Array.from(document.matchAll(PATH), ([, path]) => path as string));

it('it names many', () => expect(paths.size).toBeGreaterThan(40));
it.each([...paths])('%s is there', (path) => expect(existsSync(join(root, path))).toBe(true));
it.each(Array.from(document.matchAll(QUOTED), ([, path, name]) => [path as string, name as string]))(
  '%s has a test of that name: %s',
  (path, name) => {
    const hint = 'Call it in docs/security.md as it is called now';
    expect({ hint, isThere: existsSync(join(root, path)) && read(path).includes(name) }).toEqual({
      hint,
      isThere: true,
    });
  },
);
