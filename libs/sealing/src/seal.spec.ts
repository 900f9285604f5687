import { randomBytes } from 'node:crypto';
import { digestOf, seal, type Sealing, unseal } from '.';

const sealing: Sealing = { under: randomBytes(32), purpose: 'tests', of: 'Ada' };
const content = Buffer.from('what nobody else may read');
const changed = (sealed: string, at: number): string => {
  const bytes = Buffer.from(sealed, 'base64url');
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString('base64url');
};

it('opens what it has sealed, which looks different each time', () => {
  const sealed = [seal(content, sealing), seal(content, sealing)];
  expect(sealed.map((one) => unseal(one, sealing))).toEqual([content, content]);
  expect(sealed[0]).not.toBe(sealed[1]);
  expect(Buffer.from(sealed[0]!, 'base64url').includes(content)).toBe(false);
});

it('seals nothing as well', () => {
  expect(unseal(seal(Buffer.alloc(0), sealing), sealing)).toEqual(Buffer.alloc(0));
});

it('takes a secret that is text', () => {
  const under = 'a secret of these tests, of 32 bytes or more';
  expect(unseal(seal(content, { ...sealing, under }), { ...sealing, under })).toEqual(content);
});

it.each<[name: string, sealed: (sealed: string) => string, other: Partial<Sealing>]>([
  ['under another secret', (sealed) => sealed, { under: randomBytes(32) }],
  ['for another purpose', (sealed) => sealed, { purpose: 'something else' }],
  ['as another’s', (sealed) => sealed, { of: 'Eve' }],
  ['with another nonce', (sealed) => changed(sealed, 0), {}],
  ['with another content', (sealed) => changed(sealed, 12), {}],
  ['with another tag', (sealed) => changed(sealed, -1), {}],
  ['that is cut', (sealed) => sealed.slice(0, -4), {}],
  ['of a few bytes', (sealed) => sealed.slice(0, 8), {}],
  ['that is empty', () => '', {}],
])('does not open a secret %s', (_, sealed, other) => {
  expect(unseal(sealed(seal(content, sealing)), { ...sealing, ...other })).toBeUndefined();
});

it('digests are SHA-256 (FIPS 180-4, "abc")', () => {
  expect(digestOf(Buffer.from('abc'))).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
});
