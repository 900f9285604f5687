import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SWITCHABLE } from './freshness';
import { patchedDist } from './patched';
import { DIST } from './paths';

const FILE = 'apps/api/src/leave.js';

it('changes a copy, not the compiled service', () => {
  const before = readFileSync(join(DIST, FILE), 'utf8');
  const folder = patchedDist('spec', [[FILE, 'const LONGEST_MS = 15_000;', 'const LONGEST_MS = 1;']]);
  expect(readFileSync(join(folder, FILE), 'utf8')).toContain('const LONGEST_MS = 1;');
  expect(readFileSync(join(DIST, FILE), 'utf8')).toBe(before);
});

it.each([
  ['nowhere', 'no such text', '0 times'],
  ['in several places', 'app', 'times instead of once'],
])('refuses a piece that stands %s', (_, find, sentence) => {
  expect(() => patchedDist('spec', [[FILE, find, '']])).toThrow(sentence);
});

it('the patch that takes freshness out still fits', () => {
  expect(() => patchedDist('switchable-spec', SWITCHABLE)).not.toThrow();
});
