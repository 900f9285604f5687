import { Entity, PrimaryColumn } from 'typeorm';
import { Field, identifier, text } from '@app/http';
import { pass, scriptedFeed } from '../../database/test/scripted-source';
import { Caches } from './caches';
import { Memory } from './memory';
import type { SharedTier } from './shared-tier';

@Entity('things')
class Thing {
  @PrimaryColumn('uuid')
  id!: string;
}

class ThingView {
  @Field(identifier())
  id!: string;

  @Field(text({ max: 10 }))
  name!: string;
}

type View = { id: string; name: string };

/** One instance of a service, on a scripted feed. */
function instance(shared: Pick<SharedTier, 'getMany' | 'set' | 'state'>) {
  const { source, feed } = scriptedFeed();
  source.server = { epoch: 'first', loggedTables: new Set(['things', 'makers']) };
  const memory = new Memory(1_000_000);
  feed.listen({ changed: (tags) => tags.forEach((tag) => memory.drop(tag)), reset: () => memory.clear() });
  return { source, feed, memory, caches: new Caches(feed, memory, shared as SharedTier) };
}

describe('through Redis', () => {
  const store = new Map<string, object>();
  const shared = {
    getMany: async (keys: readonly string[]) =>
      new Map(keys.flatMap((key) => [...store].filter(([known]) => known === key))),
    set: jest.fn((key: string, value: object) => void store.set(key, JSON.parse(JSON.stringify(value)) as object)),
    state: () => 'ok' as const,
  };
  const load = jest.fn(async ([id = '']: readonly string[]) => new Map([[id, { id, name: 'x' }]]));
  const open = ({ caches }: ReturnType<typeof instance>) =>
    caches.open<View>('things', { rowsOf: Thing, ttl: '1h', view: ThingView, load });

  beforeEach(() => {
    store.clear();
    load.mockClear();
    shared.set.mockClear();
  });

  it('one instance gets what another has loaded, until it changes', async () => {
    const [one, other] = [instance(shared), instance(shared)];
    const [ofOne, ofOther] = [open(one), open(other)];
    await ofOne.get('1');
    expect(await ofOther.get('1')).toEqual({ id: '1', name: 'x' });
    expect(load).toHaveBeenCalledTimes(1);
    expect(ofOther.counts).toMatchObject({ redis: 1, loaded: 0 });
    expect([...store.keys()][0]).toMatch(/^floodgate:first:things:[\w-]{8}:1$/);
    other.source.commit('things:1');
    await other.feed.poll();
    await ofOther.get('1');
    expect(load).toHaveBeenCalledTimes(2);
  });

  it.each([
    {},
    { s: 'x', t: ['things:1'], v: {} },
    { s: '1:1:', t: [], v: {} },
    { s: '10:10:', t: 'things:1' },
    { s: '10:10:', t: [7], v: {} },
    [],
  ])('garbage %j is a miss', async (garbage) => {
    const one = open(instance(shared));
    await one.get('1');
    for (const key of store.keys()) store.set(key, garbage);
    expect(await open(instance(shared)).get('1')).toEqual({ id: '1', name: 'x' });
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('an entry of another history of the database, or older than what is remembered, is a miss', async () => {
    await open(instance(shared)).get('1');
    const another = instance(shared);
    another.source.server = { epoch: 'second', loggedTables: new Set(['things', 'makers']) };
    await open(another).get('1');
    const late = instance(shared);
    late.source.floor = 11;
    late.source.commit('makers:1');
    await open(late).get('1');
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('knows absence too, and leaves out what has no view', async () => {
    const [one, other] = [instance(shared), instance(shared)];
    const none = jest.fn(async () => new Map<string, View>());
    const policy = { rowsOf: Thing, ttl: '1h', view: ThingView, load: none } as const;
    await one.caches.open('things', policy).get('1');
    expect(await other.caches.open('things', policy).get('1')).toBeUndefined();
    expect(none).toHaveBeenCalledTimes(1);
    await one.caches.open<View>('private', { rowsOf: Thing, ttl: '1h', load }).get('1');
    expect(shared.set).toHaveBeenCalledTimes(1);
  });

  it('what Redis gives to somebody is not given to those who come when it can no longer be known to hold', async () => {
    await open(instance(shared)).get('1');
    jest.useFakeTimers();
    const getMany = async (keys: readonly string[]) => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return shared.getMany(keys);
    };
    const late = instance({ ...shared, getMany });
    const things = open(late);
    await late.feed.poll();
    late.source.pollFailure = new Error('It is gone.');
    await pass(90);
    const first = things.get('1');
    late.source.commit('things:1');
    load.mockResolvedValueOnce(new Map([['1', { id: '1', name: 'y' }]]));
    await pass(15);
    const second = things.get('1');
    await pass(100);
    expect([await first, await second]).toMatchObject([{ name: 'x' }, { name: 'y' }]);
    jest.useRealTimers();
  });
});
