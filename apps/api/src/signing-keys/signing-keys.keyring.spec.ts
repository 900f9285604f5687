import { Keyring, newKey } from './signing-keys.keyring';
import type { NewKey, StoredKey } from './signing-keys.repository';

const SECRET = 'a secret of these tests, of 32 bytes or more';
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));

let keys: NewKey[];

beforeAll(async () => {
  keys = await Promise.all(['first', 'second', 'third'].map(() => newKey(SECRET)));
});

/** Minutes from when to when; the newest is given first, as it is stored. */
function ring(...spans: [signsFrom: number, endsAt: number | null][]): Keyring {
  const stored = spans.map(([from, end], n): StoredKey => {
    return { ...(keys[n] as NewKey), signsFrom: at(from), endsAt: end === null ? null : at(end) };
  });
  return Keyring.open(stored.reverse(), SECRET);
}

interface Moment {
  readonly minute: number;
  readonly signer: number | undefined;
  readonly verifies: number[];
}

it.each<[name: string, spans: [number, number | null][], moments: Moment[]]>([
  ['no key', [], [{ minute: 0, signer: undefined, verifies: [] }]],
  ['one key', [[0, null]], [{ minute: 1_000_000, signer: 0, verifies: [0] }]],
  ['one key whose time has not come', [[5, null]], [{ minute: 0, signer: 0, verifies: [0] }]],
  [
    'a key that takes over',
    [
      [0, 31],
      [20, null],
    ],
    [
      { minute: 19, signer: 0, verifies: [0, 1] },
      { minute: 20, signer: 1, verifies: [0, 1] },
      { minute: 30, signer: 1, verifies: [0, 1] },
      { minute: 31, signer: 1, verifies: [1] },
    ],
  ],
  [
    'two that take over, one soon after the other',
    [
      [0, 31],
      [20, 33],
      [22, null],
    ],
    [
      { minute: 21, signer: 1, verifies: [0, 1, 2] },
      { minute: 22, signer: 2, verifies: [0, 1, 2] },
      { minute: 33, signer: 2, verifies: [2] },
    ],
  ],
  ['a key that has ended', [[0, 31]], [{ minute: 31, signer: undefined, verifies: [] }]],
])('of %s, the clock tells which signs and which verify', (_, spans, moments) => {
  const opened = ring(...spans);
  const ids = keys.map(({ id }) => id);
  const seen = moments.map(({ minute }): Moment => {
    const now = at(minute).getTime();
    const signer = opened.signer(now);
    const verifies = [0, 1, 2].filter((n) => opened.verifier(ids[n]!, now) !== undefined);
    expect(opened.published(now).map(({ kid }) => ids.indexOf(kid))).toEqual([...verifies].reverse());
    return { minute, signer: signer && ids.indexOf(signer.id), verifies };
  });
  expect(seen).toEqual(moments);
});

it('opens no key under another secret, nor as another one', () => {
  const [one, two] = keys as [NewKey, NewKey];
  const times = { signsFrom: at(0), endsAt: null };
  expect(Keyring.open([{ ...one, ...times }], `${SECRET}!`)).toMatchObject({ isForeign: true, pairs: [] });
  expect(Keyring.open([{ ...one, ...times, id: two.id }], SECRET)).toMatchObject({ isForeign: true, pairs: [] });
});
