import { digestOf, isKey, isWellFormed, makeKey, prefixOf } from './api-keys.secret';

const KEY = 'fg_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg02vyw93';

it('a key is fg_, 43 letters and digits, and a checksum', () => {
  const keys = Array.from({ length: 200 }, makeKey);
  for (const key of keys) {
    expect(key).toMatch(/^fg_[0-9A-Za-z]{43}[0-9a-z]{7}$/);
    expect([isKey(key), isWellFormed(key)]).toEqual([true, true]);
    expect(prefixOf(key)).toBe(key.slice(0, 11));
  }
  expect(new Set(keys.map(prefixOf)).size).toBe(200);
  const characters = new Set(keys.flatMap((key) => [...key.slice(3, 46)]));
  expect(characters.size).toBe(62);
});

it('keys of earlier releases are known, and found under the same digest', () => {
  expect(isWellFormed(KEY)).toBe(true);
  expect(digestOf(KEY)).toBe('GLl-mwHPIJq0cX8ZHHD0a94EF4pELF6FRqJt-9tg5JA');
});

it.each<[name: string, key: string]>([
  ['nothing', ''],
  ['its mark alone', 'fg_'],
  ['another case', KEY.toLowerCase()],
  ['a character less', KEY.slice(0, -1)],
  ['a character more', `${KEY}0`],
  ['a line break at the end', `${KEY}\n`],
  ['a character changed', KEY.replace('A', 'B')],
  ['two characters swapped', KEY.replace('01', '10')],
  ['another checksum', `${KEY.slice(0, -7)}0000000`],
  ['another mark', KEY.replace('fg_', 'gh_')],
  ['a hundred thousand characters', 'fg_'.padEnd(100_000, 'a')],
])('%s is not well-formed', (_, key) => {
  expect(isWellFormed(key)).toBe(false);
});
