import { parseSnapshot, sees, type Snapshot, textOfSnapshot } from './snapshot';

const snapshotOf = (text: string): Snapshot => parseSnapshot(text) as Snapshot;

describe('the text of a snapshot', () => {
  it.each([
    ['3:3:', { xmin: 3, xmax: 3, inProgress: [] }],
    ['100:104:100,102', { xmin: 100, xmax: 104, inProgress: [100, 102] }],
    [
      '9007199254740990:9007199254740991:9007199254740990',
      { xmin: 2 ** 53 - 2, xmax: 2 ** 53 - 1, inProgress: [2 ** 53 - 2] },
    ],
  ])('%s says it all, there and back', (text, snapshot) => {
    expect(parseSnapshot(text)).toEqual(snapshot);
    expect(textOfSnapshot(snapshot)).toBe(text);
  });

  it('may list whatever a server can have in progress', () => {
    const inProgress = Array.from({ length: 5_000 }, (_, at) => 1_000_000 + 2 * at);
    const text = textOfSnapshot({ xmin: 1_000_000, xmax: 1_010_000, inProgress });
    expect(parseSnapshot(text)).toEqual({ xmin: 1_000_000, xmax: 1_010_000, inProgress });
  });

  it.each([
    ['nothing', ''],
    ['a word', 'snapshot'],
    ['two numbers', '100:104'],
    ['no first number', ':104:'],
    ['no second number', '100::'],
    ['four parts', '100:104:100:101'],
    ['a negative number', '-100:104:'],
    ['a fraction', '100.5:104:'],
    ['a power', '1e2:104:'],
    ['a space', '100:104: 100'],
    ['a line before it', '\n100:104:'],
    ['a line behind it', '100:104:\n'],
    ['an empty list entry', '100:104:100,,102'],
    ['a list that ends with a comma', '100:104:100,'],
    ['a list that begins with a comma', '100:104:,100'],
    ['digits of another script', '１００:104:'],
    ['17 digits as xmin', '10000000000000000:104:'],
    ['17 digits as xmax', '100:10000000000000000:'],
    ['17 digits in the list', '100:104:10000000000000000'],
    ['a million digits', '9'.repeat(1_000_000)],
    ['a million commas', `100:104:100${','.repeat(1_000_000)}`],
  ])('%s is none', (_, text) => {
    expect(parseSnapshot(text)).toBeUndefined();
  });
});

it.each([
  [
    '100:104:100,102',
    [
      [99, 101, 103],
      [100, 102, 104, 105],
    ],
  ],
  [
    '100:100:',
    [
      [3, 99],
      [100, 101],
    ],
  ],
  ['104:104:', [[100, 103], [104]]],
] as const)('%s sees what had ended', (text, [seen, unseen]) => {
  const isSeen = (xid: number): boolean => sees(snapshotOf(text), xid);
  expect(seen.filter((xid) => !isSeen(xid))).toEqual([]);
  expect(unseen.filter(isSeen)).toEqual([]);
});
