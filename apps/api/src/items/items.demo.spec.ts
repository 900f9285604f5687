import { createHash } from 'node:crypto';
import { DEMO_USER } from '../users/users.service';
import { DEMO_ITEM, DEMO_OWNER_ID, demoItems } from './items.demo';

const items = [...demoItems(5_000)];

describe('demo items', () => {
  it('are the same every time, on every platform', () => {
    const digest = createHash('sha256')
      .update(JSON.stringify(items.slice(0, 1_000)))
      .digest('hex');

    expect(digest).toBe('ffd737a837c773c566fb6a33c01d7934769e465c6c5155a31713d5f1bb4eb14d');
  });

  it('belong to the demo account', () => {
    expect(DEMO_OWNER_ID).toBe(DEMO_USER.id);
  });

  it('do not depend on how many are asked for', () => {
    expect([...demoItems(10)]).toEqual(items.slice(0, 10));
    expect([...demoItems(0)]).toEqual([]);
    expect(DEMO_ITEM).toEqual(items[0]);
  });

  it('share nothing that a caller could change', () => {
    const [changed] = demoItems(1);
    changed?.tags.push('changed');
    if (changed) changed.attributes.changed = true;

    expect([...demoItems(1)]).toEqual([items[0]]);
  });

  it('have unique UUIDv7 ids that ascend, one second apart', () => {
    const ids = items.map(({ id }) => id);
    const seconds = ids.map((id) => (parseInt(id.replace('-', '').slice(0, 12), 16) - Date.UTC(2025, 0, 1)) / 1000);

    expect(
      ids.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    expect(seconds).toEqual(items.map((_, index) => index + 1));
  });

  it.each<[string, (item: (typeof items)[number]) => boolean]>([
    ['sku', ({ sku }) => /^DEMO-\d{6,}$/.test(sku) && sku.length <= 64],
    ['name', ({ name }) => name === name.trim() && name.length >= 1 && name.length <= 320],
    ['description', ({ description }) => /^[A-Z][^]{10,400}\.$/.test(description)],
    ['price', ({ price }) => price === null || (Number.isSafeInteger(price) && price > 0)],
    [
      'currency',
      ({ price, currency }) => (price === null ? currency === null : /^(EUR|USD|GBP|JPY)$/.test(`${currency}`)),
    ],
    ['stock', ({ stock }) => Number.isSafeInteger(stock) && stock >= 0],
    [
      'tags',
      ({ tags }) => tags.length >= 2 && tags.length <= 6 && tags.every((tag) => tag.length >= 1 && tag.length <= 128),
    ],
    ['distinct tags', ({ tags }) => new Set(tags).size === tags.length],
    ['attributes', ({ attributes }) => Object.keys(attributes).length <= 64],
    [
      'flat attributes',
      ({ attributes }) => Object.values(attributes).every((value) => value === null || typeof value !== 'object'),
    ],
    ['known words', (item) => !/undefined|NaN|null/.test(`${item.name} ${item.description}`)],
  ])('keep the limits of the contract: %s', (_, isWithinLimits) => {
    expect(items.filter((item) => !isWithinLimits(item))).toEqual([]);
  });

  it('look like a shop: few names twice, a few goods unpriced or sold out, mostly euros', () => {
    const share = (matches: (item: (typeof items)[number]) => boolean) => items.filter(matches).length / items.length;

    expect(new Set(items.slice(0, 1_000).map(({ name }) => name)).size).toBeGreaterThan(960);
    expect(new Set(items.map(({ sku }) => sku)).size).toBe(items.length);
    expect(Math.round(100 * share(({ price }) => price === null))).toBe(5);
    expect(Math.round(100 * share(({ stock }) => stock === 0))).toBe(8);
    expect(share(({ currency }) => currency === 'EUR')).toBeGreaterThan(0.6);
    expect(new Set(items.map(({ currency }) => currency))).toEqual(new Set(['EUR', 'USD', 'GBP', 'JPY', null]));
  });
});
