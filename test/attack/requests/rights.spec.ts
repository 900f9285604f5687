import { type Deed, type Row, type Rows, wrongsOf } from './rights';

const rowsOf = (...rows: Row[]): Rows => new Map(rows.map((row) => [row.id, row]));
const user = (id: string, standing = 'user active 0', print = 'a'): Row => ({
  kind: 'user',
  id,
  owner: id,
  print,
  standing,
});
const item = (id: string, owner: string, print = 'a'): Row => ({ kind: 'item', id, owner, print, standing: '' });

const PEOPLE = [user('ada'), user('bob'), user('root', 'admin active 0')];
const BEFORE = rowsOf(...PEOPLE, item('lamp', 'ada'));
const deed = (callerId: string | undefined, more: Partial<Deed> = {}): Deed => ({
  ...{ callerId, operation: 'updateItem', status: 200, method: 'PATCH' },
  ...more,
});

describe('whoever had no right to a change is found', () => {
  it.each<[string, Deed, Rows, RegExp | undefined]>([
    ['nothing changed', deed(undefined), BEFORE, undefined],
    ['the own item', deed('ada'), rowsOf(...PEOPLE, item('lamp', 'ada', 'b')), undefined],
    ['the own item, deleted', deed('ada'), rowsOf(...PEOPLE), undefined],
    ['an admin’s change', deed('root'), rowsOf(...PEOPLE, item('lamp', 'ada', 'b')), undefined],
    ['a new account', deed(undefined, { operation: 'signUp' }), rowsOf(...BEFORE.values(), user('eve')), undefined],
    ['somebody else’s item', deed('bob'), rowsOf(...PEOPLE, item('lamp', 'ada', 'b')), /somebody else's/],
    ['somebody else’s item, deleted', deed('bob'), rowsOf(...PEOPLE), /somebody else's/],
    ['nobody', deed(undefined), rowsOf(...PEOPLE, item('lamp', 'ada', 'b')), /not logged in/],
    ['a refusal', deed('ada', { status: 409 }), rowsOf(...PEOPLE, item('lamp', 'ada', 'b')), /answered 409, and yet/],
    ['an own change that nobody waited for', deed('ada', { status: 504 }), rowsOf(...PEOPLE), undefined],
    [
      'a change of another’s that nobody waited for',
      deed('bob', { status: 504 }),
      rowsOf(...PEOPLE),
      /somebody else's/,
    ],
    ['a read', deed('ada', { method: 'GET' }), rowsOf(...PEOPLE, item('lamp', 'ada', 'b')), /by a GET/],
    ['an item given away', deed('ada'), rowsOf(...PEOPLE, item('lamp', 'bob', 'b')), /gave/],
    ['an item made for another', deed('bob'), rowsOf(...BEFORE.values(), item('desk', 'ada')), /for somebody else/],
    ['an account made by the way', deed('bob'), rowsOf(...BEFORE.values(), user('eve')), /made the user/],
    [
      'another account',
      deed('bob'),
      rowsOf(user('ada', 'user active 0', 'b'), ...[...BEFORE.values()].slice(1)),
      /somebody/,
    ],
  ])('%s', (_, done, after, expected) => {
    const wrongs = wrongsOf(done, BEFORE, after);
    if (expected === undefined) expect(wrongs).toEqual([]);
    else expect(wrongs).toEqual([expect.stringMatching(expected)]);
  });
});
