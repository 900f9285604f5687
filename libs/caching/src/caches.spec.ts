import { UnfitDatabase } from '@app/database';
import { Entity, PrimaryColumn } from 'typeorm';
import { scriptedFeed } from '../../database/test/scripted-source';
import { Caches } from './caches';
import { Memory } from './memory';
import { keyOf } from './keys';
import { type Duration, jittered, millisecondsOf } from './ttl';

@Entity('things')
class Thing {
  @PrimaryColumn('uuid')
  id!: string;
}

class NoEntity {}

const caches = () => {
  const { source, feed } = scriptedFeed();
  return { source, feed, caches: new Caches(feed, new Memory(1_000_000)) };
};

it('a name is opened once', () => {
  const { caches: all } = caches();
  all.open('things', { rowsOf: Thing, ttl: '1h' });
  expect(() => all.open('things', { rowsOf: Thing, ttl: '1h' })).toThrow('Two caches are called things');
  expect([...all.all().keys()]).toEqual(['things']);
  expect(all.redis).toBe('unused');
});

it.each([
  ['2h', Thing, '1h is the most'],
  ['1 hour', Thing, 'is no duration'],
  ['0s', Thing, 'is no duration'],
  ['1h', NoEntity, 'NoEntity is no entity'],
])('a ttl of %s over %p is refused', (ttl, entity, message) => {
  expect(() => caches().caches.open('things', { rowsOf: entity, ttl: ttl as Duration })).toThrow(message);
});

it('a cache without a loader wants one each time', async () => {
  const things = caches().caches.open('things', { rowsOf: Thing, ttl: '1h' });
  await expect(things.get('1')).rejects.toThrow('has no loader');
});

it('a cached table that is not logged is refused with the line that helps', async () => {
  const { caches: all, feed, source } = caches();
  all.open('things', { rowsOf: Thing, ttl: '1h' });
  await feed.poll();
  expect(() => all.verifyTables()).toThrow(UnfitDatabase);
  expect(() => all.verifyTables()).toThrow("await logChanges(runner, 'things')");
  source.server = { epoch: 'first', loggedTables: new Set(['things']) };
  await feed.poll();
  expect(() => all.verifyTables()).not.toThrow();
});

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
])('%s are %i ms', (duration, ms) => {
  expect(millisecondsOf(duration as Duration)).toBe(ms);
  for (let n = 0; n < 100; n++) {
    expect(jittered(ms)).toBeGreaterThanOrEqual(ms * 0.9);
    expect(jittered(ms)).toBeLessThanOrEqual(ms);
  }
});

it('a question has one name, in whatever order its members are', () => {
  expect(keyOf({ a: 1, b: [2, 1], c: undefined, d: { y: 1, x: 2 } })).toBe(
    keyOf({ d: { x: 2, y: 1 }, b: [2, 1], a: 1 }),
  );
  expect(keyOf({ b: [1, 2] })).not.toBe(keyOf({ b: [2, 1] }));
  expect(keyOf('x')).toBe('x');
});
