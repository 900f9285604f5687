import { type Change, KnownChanges, tableOf } from './known-changes';
import { parseSnapshot, type Snapshot } from './snapshot';

const at = (text: string): Snapshot => parseSnapshot(text) as Snapshot;
const change = (xid: number, ...tags: string[]): Change => ({ xid, tags });

/** Knows all from 90 on; at the last poll 85, 95 and 103 were in progress. */
function known(maxTags = 100): KnownChanges {
  const changes = new KnownChanges(maxTags);
  changes.begin(at('85:98:85,95'), 90, [change(92, 'a:1'), change(93, 'b:*')]);
  changes.apply(at('85:106:85,95,103'), [
    change(99, 'a:2', 'a:3'),
    change(100, 'c:*'),
    change(101, 'd:4:5'),
    change(105, 'e:1'),
    change(105, 'e:2'),
  ]);
  return changes;
}

it.each([
  ['a:1', 'a'],
  ['a', 'a'],
  ['a:*', 'a'],
  ['a:1:2', 'a'],
  ['a:', 'a'],
])('%s is about the table %s', (tag, table) => {
  expect(tableOf(tag)).toBe(table);
});

describe('what was read at a snapshot still holds', () => {
  it.each<[why: string, snapshot: string, tags: string[], holds: boolean]>([
    ['of nothing', '98:98:', [], true],
    ['a row that nobody changed', '98:98:', ['a:9'], true],
    ['a row that was changed before', '98:98:', ['a:1'], true],
    ['a row that was changed before, though after the log begins', '91:92:', ['a:1'], false],
    ['a row that was changed since', '98:98:', ['a:2'], false],
    ['another one of the same statement', '98:98:', ['a:3'], false],
    ['one of several', '98:98:', ['a:9', 'a:2', 'f:1'], false],
    ['the last of several', '98:98:', ['f:1', 'a:9', 'a:2'], false],
    ['none of several', '98:98:', ['f:1', 'a:9', 'f'], true],
    ['a table with a row that was changed since', '98:98:', ['a'], false],
    ['a table of which nothing was changed since', '98:98:', ['b'], true],
    ['any row of a table of which many were changed', '98:98:', ['c:9'], false],
    ['a table of which many rows were changed', '98:98:', ['c'], false],
    ['a row of a table of which many were changed before', '98:98:', ['b:9'], true],
    ['a row whose id has a colon', '98:98:', ['d:4:5'], false],
    ['a row whose id begins alike', '98:98:', ['d:4'], true],
    ['a table whose name begins alike', '98:98:', ['aa:2', 'aa', 'c2:1'], true],
    ['a row, read while the transaction was in progress', '99:106:99', ['a:2'], false],
    ['a row, read while a lower one was in progress', '98:106:98', ['a:2'], true],
    ['a row, read when the transaction had ended', '100:100:', ['a:2'], true],
    ['the first row of two statements', '103:105:103', ['e:1'], false],
    ['the second row of two statements', '103:105:103', ['e:2'], false],
    ['a row, read later than the last poll', '110:120:110', ['a:2', 'c:1', 'e'], true],
    ['read when the log begins', '90:90:', ['f'], true],
    ['read before the log begins', '89:89:', ['f'], false],
    ['read while a transaction from before the log was in progress', '80:95:80', ['f'], false],
    ['read while several were in progress, one of them from before the log', '89:95:89,92', ['f'], false],
    ['read while a transaction was in progress that changed nothing', '94:98:94', ['f'], true],
    ['read while a transaction was in progress that still is', '95:98:95', ['f'], true],
    ['read while one from before the log was in progress that still is', '85:98:85', ['f'], true],
  ])('%s: %s %j %p', (_, snapshot, tags, holds) => {
    expect(known().covers(at(snapshot), tags)).toBe(holds);
  });

  it.each<[why: string, snapshot: string, tags: string[], asOf: string, holds: boolean]>([
    ['the change came later', '98:98:', ['a:2'], '98:98:', true],
    ['the change was in progress then', '98:98:', ['a:2'], '99:106:99', true],
    ['the change was known then', '98:98:', ['a:2'], '100:100:', false],
    ['of two changes of the table one was known then', '101:101:', ['e'], '105:105:', true],
    ['of two changes of the table the second was in progress then', '98:98:', ['a'], '99:106:99', true],
    ['of two changes of the table the second was known then', '98:98:', ['a'], '100:100:', false],
    ['many rows were changed later', '98:98:', ['c:1'], '100:100:', true],
    ['many rows were known to be changed', '98:98:', ['c:1'], '101:101:', false],
    ['it is from before the log', '89:89:', ['f'], '89:89:', false],
  ])('as far as an earlier poll could tell, when %s', (_, snapshot, tags, asOf, holds) => {
    expect(known().covers(at(snapshot), tags, at(asOf))).toBe(holds);
  });

  it('is not known before the first poll', () => {
    expect(new KnownChanges(100).covers(at('98:98:'), [])).toBe(false);
    expect(new KnownChanges(100).snapshot).toBeUndefined();
  });
});

describe('what does not fit is forgotten', () => {
  it('the oldest first, and nothing that was read before is trusted then', () => {
    const changes = known(5);
    expect(changes.size).toBe(4);
    // 92, 93 and 99 are gone: from 100 on all is known.
    expect(changes.covers(at('99:99:'), ['f'])).toBe(false);
    expect(changes.covers(at('100:100:'), ['f', 'a:2'])).toBe(true);
    expect(changes.covers(at('100:100:'), ['c:1'])).toBe(false);
    expect(changes.covers(at('93:101:93'), ['f'])).toBe(false);
    expect(changes.covers(at('99:101:99'), ['a:2'])).toBe(false);
  });

  it('in the order of their arrival, so that one of a low id may stay', () => {
    const changes = known(5);
    changes.apply(at('103:107:103'), [change(95, 'f:1')]);
    expect(changes.size).toBe(5);
    expect(changes.covers(at('95:102:95'), ['f:1'])).toBe(false);
    expect(changes.covers(at('95:102:95'), ['f:2'])).toBe(true);
    expect(changes.covers(at('95:99:95'), ['f:2'])).toBe(false);
  });

  it('of a transaction in part: nothing that was read while it was in progress is trusted then', () => {
    const changes = known(1);
    expect(changes.size).toBe(1);
    for (const tag of ['e:1', 'e:2', 'e', 'f'])
      expect([tag, changes.covers(at('103:106:103,105'), [tag])]).toEqual([tag, false]);
    expect(changes.covers(at('106:106:'), ['e:1', 'e:2', 'e'])).toBe(true);
  });

  it('all at once, if a change is larger than the memory', () => {
    const changes = known(3);
    changes.apply(at('107:107:'), [change(106, 'f:1', 'f:2', 'f:3', 'f:4')]);
    expect(changes.size).toBe(0);
    expect(changes.covers(at('106:106:'), ['f:9'])).toBe(false);
    expect(changes.covers(at('107:107:'), ['f:1'])).toBe(true);
  });

  it('among thousands', () => {
    const changes = new KnownChanges(10);
    changes.begin(at('1:1:'), 1, []);
    for (let xid = 1; xid <= 5_000; xid++) {
      changes.apply(at(`${xid + 1}:${xid + 1}:`), [change(xid, `a:${xid % 7}`)]);
      expect(changes.size).toBe(Math.min(xid, 10));
    }
    expect(changes.covers(at('4991:4991:'), ['b:1'])).toBe(true);
    expect(changes.covers(at('4990:4990:'), ['b:1'])).toBe(false);
    // 4996 was the last to change a:5.
    expect(changes.covers(at('4996:4996:'), ['a:5'])).toBe(false);
    expect(changes.covers(at('4997:4997:'), ['a:5'])).toBe(true);
  });

  it('when it begins anew', () => {
    const changes = known();
    changes.begin(at('200:200:'), 200, []);
    expect([changes.size, changes.snapshot]).toEqual([0, at('200:200:')]);
    expect(changes.covers(at('199:199:'), ['f'])).toBe(false);
    expect(changes.covers(at('99:200:99'), ['a:2'])).toBe(false);
    expect(changes.covers(at('200:200:'), ['a:2'])).toBe(true);
  });
});

it('a transaction of which only some changes are in the list at first is not held for known', () => {
  const changes = new KnownChanges(100);
  // The log was cut off inside 50: its change of a:1 is not in the list.
  changes.begin(at('60:60:'), 51, [change(50, 'a:2'), change(55, 'a:3')]);
  expect(changes.covers(at('50:55:50'), ['a:1'])).toBe(false);
  expect(changes.covers(at('51:55:'), ['a:1'])).toBe(true);
});
