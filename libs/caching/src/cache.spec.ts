import { Entity, PrimaryColumn } from 'typeorm';
import { pass, scriptedFeed } from '../../database/test/scripted-source';
import { Caches } from './caches';
import { Memory } from './memory';

@Entity('things')
class Thing {
  @PrimaryColumn('uuid')
  id!: string;
}

@Entity('makers')
class Maker {
  @PrimaryColumn('uuid')
  id!: string;
}

type View = { id: string; name?: string; version?: number };

/** One instance of a service, on a scripted feed. */
function instance() {
  const { source, feed } = scriptedFeed();
  source.server = { epoch: 'first', loggedTables: new Set(['things', 'makers']) };
  const memory = new Memory(1_000_000);
  feed.listen({ changed: (tags) => tags.forEach((tag) => memory.drop(tag)), reset: () => memory.clear() });
  return { source, feed, memory, caches: new Caches(feed, memory) };
}

/** A load that the test ends. */
function held<V>() {
  const waiting: ((value: V) => void)[] = [];
  const load = jest.fn(() => new Promise<V>((resolve) => waiting.push(resolve)));
  return { load, end: (value: V) => waiting.shift()?.(value) };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('a cache of rows', () => {
  const state = new Map<string, View>();
  const load = jest.fn(
    async (keys: readonly string[]) => new Map(keys.flatMap((key) => [...state].filter(([id]) => id === key))),
  );

  beforeEach(() => {
    state.clear();
    load.mockClear();
    for (const id of ['1', '2', '3']) state.set(id, { id, version: 1 });
  });

  it('loads once, then knows; also that there is nothing', async () => {
    const things = instance().caches.open<View>('things', { rowsOf: Thing, ttl: '1h', load });
    for (let n = 0; n < 3; n++) {
      expect(await things.get('1')).toEqual({ id: '1', version: 1 });
      expect(await things.get('9')).toBeUndefined();
    }
    expect(load.mock.calls).toEqual([[['1']], [['9']]]);
    expect(things.counts).toMatchObject({ memory: 4, loaded: 2, redis: 0 });
    expect(things.counts.hitRatio).toBeCloseTo(4 / 6);
  });

  it.each([[null], [0], [''], [false]])('keeps %j, which is a value', async (value) => {
    const make = jest.fn(async () => value);
    const values = instance().caches.open('values', { tableOf: Thing, ttl: '1h' });
    expect(await values.get('k', make)).toBe(value);
    expect(await values.get('k', make)).toBe(value);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('asks for what is missing of many in one call, in whatever order', async () => {
    const things = instance().caches.open<View>('things', { rowsOf: Thing, ttl: '1h', load });
    await things.get('2');
    const found = await things.getMany(['3', '2', '9', '3', '1']);
    expect([...found.keys()].sort()).toEqual(['1', '2', '3']);
    expect(load.mock.calls.at(-1)).toEqual([['3', '9', '1']]);
    await things.getMany(['1', '2', '3', '9']);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('forgets the row that has changed, and no other', async () => {
    const { caches, source, feed } = instance();
    const things = caches.open<View>('things', { rowsOf: Thing, ttl: '1h', load });
    await things.getMany(['1', '2']);
    state.set('1', { id: '1', version: 2 });
    source.commit('things:1');
    await feed.poll();
    expect(await things.get('1')).toEqual({ id: '1', version: 2 });
    await things.get('2');
    expect(load.mock.calls).toEqual([[['1', '2']], [['1']]]);
    source.commit('things:*');
    await feed.poll();
    await things.getMany(['1', '2']);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('is found by another column under the tag of its id; its absence ends with any change of the table', async () => {
    const { caches, source, feed } = instance();
    const bySku = caches.open<View>('by_sku', {
      rowsOf: Thing,
      by: 'sku',
      ttl: '1h',
      load: async (keys) => (load(keys), new Map([['a', { id: '7' }]])),
    });
    await bySku.get('a');
    await bySku.get('b');
    source.commit('things:8');
    await feed.poll();
    await bySku.get('a');
    expect(load).toHaveBeenCalledTimes(2);
    await bySku.get('b');
    expect(load).toHaveBeenCalledTimes(3);
    source.commit('things:7');
    await feed.poll();
    await bySku.get('a');
    expect(load).toHaveBeenCalledTimes(4);
    const nameless = caches.open<object>('nameless', {
      rowsOf: Thing,
      by: 'sku',
      ttl: '1h',
      load: async () => new Map([['a', {}]]),
    });
    await expect(nameless.get('a')).rejects.toThrow('its values need an id');
  });

  it('gives what nobody can change for the others', async () => {
    const things = instance().caches.open<View>('things', { rowsOf: Thing, ttl: '1h', load });
    const view = (await things.get('1')) as View;
    expect(() => (view.version = 9)).toThrow(TypeError);
  });

  it('keeps nothing longer than its lifetime, and absence for half a minute at most', async () => {
    const things = instance().caches.open<View>('things', { rowsOf: Thing, ttl: '5m', load });
    await things.getMany(['1', '9']);
    await pass(26_000);
    await things.getMany(['1', '9']);
    expect(load).toHaveBeenCalledTimes(1);
    await pass(5_000);
    await things.getMany(['1', '9']);
    expect(load.mock.calls.at(-1)).toEqual([['9']]);
    await pass(270_000);
    await things.get('1');
    expect(load.mock.calls.at(-1)).toEqual([['1']]);
  });
});

describe('many at once', () => {
  it('share one load, also its failure, which is not kept', async () => {
    const things = instance().caches.open<string>('lists', { tableOf: Thing, ttl: '1h' });
    const load = jest.fn(async () => 'value');
    expect(new Set(await Promise.all(Array.from({ length: 1_000 }, () => things.get({ q: 'x' }, load))))).toEqual(
      new Set(['value']),
    );
    expect(load).toHaveBeenCalledTimes(1);
    const failing = jest.fn(() => Promise.reject(new Error('no')));
    const failed = await Promise.allSettled([things.get('y', failing), things.get('y', failing)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(failing).toHaveBeenCalledTimes(1);
    expect(await things.get('y', load)).toBe('value');
  });

  it('of whom one comes after a change was known, he gets no load that began before it; and that load is not kept', async () => {
    const { caches, source, feed } = instance();
    const lists = caches.open<string>('lists', { tableOf: Thing, ttl: '1h' });
    const { load, end } = held<string>();
    const before = lists.get('k', load);
    await pass(1);
    source.commit('things:1');
    await feed.poll();
    const after = lists.get('k', load);
    await pass(1);
    expect(load).toHaveBeenCalledTimes(2);
    end('old');
    expect(await before).toBe('old');
    end('new');
    expect(await after).toBe('new');
    expect(await lists.get('k', load)).toBe('new');
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('do not share what another cache brought in before its change was known', async () => {
    const { caches, source, feed } = instance();
    let name = 'old';
    const makers = caches.open<string>('makers', {
      rowsOf: Maker,
      ttl: '1h',
      load: async ([id = '']) => new Map([[id, name]]),
    });
    const lists = caches.open<string>('lists', { tableOf: Thing, ttl: '1h' });
    const { load: rest, end } = held<string>();
    const load = async () => `${await makers.get('m')} ${await rest()}`;
    const before = lists.get('k', load);
    await pass(1);
    name = 'new';
    source.commit('makers:m');
    await feed.poll();
    const after = lists.get('k', load);
    await pass(1);
    end('1');
    await pass(1);
    end('2');
    expect(await before).toBe('old 1');
    expect(await after).toBe('new 2');
    name = 'newer';
    source.commit('makers:m');
    await feed.poll();
    const again = lists.get('k', load);
    await pass(1);
    end('3');
    expect(await again).toBe('newer 3');
  });
});

describe('while nobody can tell what has changed', () => {
  it('nothing is given from memory; loads go on, one of a key at a time', async () => {
    const { caches, source } = instance();
    const lists = caches.open<string>('lists', { tableOf: Thing, ttl: '1h' });
    const { load, end } = held<string>();
    const first = lists.get('k', load);
    await pass(1);
    end('1');
    await first;
    source.pollMs = Infinity;
    await pass(150);
    const asked = Array.from({ length: 5 }, () => lists.get('k', load));
    await pass(600);
    expect(load).toHaveBeenCalledTimes(2);
    const later = Array.from({ length: 5 }, () => lists.get('k', load));
    await pass(600);
    expect(load).toHaveBeenCalledTimes(2);
    end('2');
    await pass(1);
    expect(load).toHaveBeenCalledTimes(3);
    end('3');
    expect(new Set(await Promise.all([...asked, ...later]))).toEqual(new Set(['2', '3']));
    expect(load).toHaveBeenCalledTimes(3);
  });
});
