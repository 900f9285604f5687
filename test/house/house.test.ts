import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { placeOf, sentenceOf, type Rule } from './rule';
import { rules } from './rules';
import { readRepository, readTree } from './source-file';

const FIXTURES = join(__dirname, 'fixtures');

/** What stands in `fixtures/<rule>`: every place where that rule is broken. */
const broken: Partial<Record<keyof typeof rules, string[]>> = {
  'business-words': [
    'libs/clock/src/clock.ts:2',
    'libs/clock/src/clock.ts:2',
    'libs/clock/src/clock.ts:2',
    'libs/clock/src/clock.ts:3',
    'libs/clock/src/clock.ts:4',
    'libs/clock/src/clock.ts:5',
    'libs/clock/src/feed-clock.ts',
    'libs/database/src/change-feed.ts:3',
  ],
  'empty-words': [
    'libs/clock/src/clock.ts:2',
    'libs/clock/src/clock.ts:3',
    'libs/clock/src/clock.ts:4',
    'libs/clock/src/clock.ts:5',
    'libs/clock/src/clock.ts:6',
    'libs/clock/src/clock.ts:7',
    'libs/clock/src/clock.ts:10',
    'libs/clock/src/time-utils.ts',
  ],
  'feature-files': [
    'apps/api/src/orders/order.service.ts',
    'apps/api/src/orders/orders.Import.ts',
    'apps/api/src/orders/orders.entity.ts',
    'apps/api/src/orders/orders.ts',
    'apps/api/src/orders/parts/orders.lines.ts',
    'apps/api/src/orders/totals.ts',
  ],
  'import-cycles': ['libs/calendar/src/day.ts', 'libs/clock/src/a.ts'],
  'interface-prefix': ['apps/api/src/orders/orders.totals.ts:5', 'apps/api/src/orders/orders.totals.ts:9'],
  'lib-comment': [
    'libs/clock/src/late.ts',
    'libs/clock/src/long.ts',
    'libs/clock/src/silent.ts',
    'libs/clock/src/tall.ts',
  ],
  'lib-door': ['libs/clock/src/everything.ts', 'libs/clock/src/ticks/index.ts'],
  'machine-paths': ['apps/api/src/folder.ts:1', 'apps/api/src/folder.ts:2', 'docs/running.md:1', 'docs/running.md:3'],
  'migration-names': [
    'apps/api/migrations/176722560-orders.ts',
    'apps/api/migrations/1767225600000-Orders.ts',
    'apps/api/migrations/1767225600000-orders_total.ts',
    'apps/api/migrations/orders.ts',
  ],
  'notes-to-self': ['apps/api/src/main.ts:1', 'apps/api/src/main.ts:2', 'apps/api/src/main.ts:3'],
  'one-return': [
    'apps/api/src/orders/orders.controller.ts:10',
    'apps/api/src/orders/orders.controller.ts:16',
    'apps/api/src/orders/orders.controller.ts:24',
  ],
  'schema-names': [
    'apps/api/migrations/1767225600000-orders.ts:3',
    'apps/api/migrations/1767225600000-orders.ts:4',
    'apps/api/migrations/1767225600000-orders.ts:5',
    'apps/api/migrations/1767225600000-orders.ts:6',
    'apps/api/migrations/1767225600000-orders.ts:7',
    'apps/api/migrations/1767225600000-orders.ts:8',
    'apps/api/migrations/1767225600000-orders.ts:9',
    'apps/api/migrations/1767225600000-orders.ts:10',
    'apps/api/migrations/1767225600000-orders.ts:12',
    'apps/api/src/orders/order.entity.ts:4',
    'apps/api/src/orders/order.entity.ts:6',
    'apps/api/src/orders/order.entity.ts:12',
  ],
  'unrun-tests': [1, 2, 3, 4, 5, 6].map((line) => `test/contract/orders.test.ts:${line}`),
};

const named = Object.entries<Rule>(rules);

describe('a rule is seen failing', () => {
  it.each(Object.entries(broken))('%s, and no other, on its bad fixture', (name, places) => {
    const files = readTree(join(FIXTURES, name));
    const found = named.flatMap(([rule, check]) => check(files).map((violation) => `${rule} ${placeOf(violation)}`));
    expect(found.sort()).toEqual(places.map((place) => `${name} ${place}`).sort());
  });

  it('unless the fixture is good', () => {
    const files = readTree(join(FIXTURES, 'good'));
    expect(named.flatMap(([, check]) => check(files).map(sentenceOf))).toEqual([]);
  });

  it('and none is left out', () => {
    const tried = ['good', 'typed', ...Object.keys(broken)];
    expect(readdirSync(FIXTURES).sort()).toEqual(tried.sort());
    const budgets = ['file-length', 'median-length', 'nine-of-ten'];
    expect([...Object.keys(broken), ...budgets].sort()).toEqual(Object.keys(rules).sort());
  });
});

describe('the repository keeps the rule', () => {
  const files = readRepository(join(__dirname, '../..'));

  it('with the files that it has', () => expect(files.some(({ path }) => path === 'apps/api/src/main.ts')).toBe(true));
  it.each(named)('%s', (_, check) => expect(check(files).map(sentenceOf)).toEqual([]));
});
