import { GONE, Register, StateRegister } from './history';
import { type Fault, judge, type Read, type Sighting } from './verdict';

const MAX_MS = 100;

/** Versions with the times at which they were acknowledged. */
function written(...writes: readonly (readonly [rank: number, ackedAt: number])[]): Register {
  const register = new Register('item');
  for (const [rank, ackedAt] of writes) register.acknowledge(rank, ackedAt);
  return register;
}

const verdictOn = (register: Register, rank: number, sentAt: number, floors: Read['floors'] = []) =>
  judge({ sentAt, floors }, [{ register, rank }], MAX_MS);

const faultOf = (...given: Parameters<typeof verdictOn>): Fault['because'] | undefined =>
  verdictOn(...given).fault?.because;

describe('versions', () => {
  const register = written([1, 0], [2, 1_000], [3, 1_050]);

  it.each([
    ['the newest', 3, 9_999, undefined, 0],
    ['one that nobody has acknowledged yet', 4, 9_999, undefined, 0],
    ['an old one while the next is not acknowledged', 1, 999, undefined, 0],
    ['an old one just within the bound', 1, 1_100, undefined, 100],
    ['an old one just beyond it', 1, 1_100.1, 'staleness', 100.1],
    ['one that is old because of the first write that it misses, not the last', 1, 1_120, 'staleness', 120],
    ['one in between, whose successor is young', 2, 1_120, undefined, 70],
    ['one in between, whose successor is old', 2, 1_200, 'staleness', 150],
    ['none at all', 0, 1_120, 'staleness', 1_120],
  ])('%s', (_, rank, sentAt, because, staleness) => {
    expect(faultOf(register, rank, sentAt)).toBe(because);
    expect(verdictOn(register, rank, sentAt).staleness).toBeCloseTo(staleness);
  });

  it('acknowledged in another order than they were made: the later acknowledgment of less demands nothing', () => {
    const crossed = written([1, 0], [3, 1_000], [2, 2_000]);
    expect(faultOf(crossed, 2, 1_050)).toBeUndefined();
    expect(faultOf(crossed, 2, 1_101)).toBe('staleness');
    expect(faultOf(crossed, 3, 9_999)).toBeUndefined();
  });

  it('far more of them than are kept: the newest count', () => {
    const register = new Register('item');
    for (let rank = 1; rank <= 2_000; rank++) {
      register.acknowledge(rank, rank * 10);
      expect(faultOf(register, rank, rank * 10 + 9)).toBeUndefined();
      expect(verdictOn(register, rank - 1, rank * 10 + 9).staleness).toBe(9);
      expect(faultOf(register, Math.max(0, rank - 12), rank * 10)).toBe(rank < 12 ? undefined : 'staleness');
    }
  });
});

describe('tokens and own writes', () => {
  const register = written([1, 0], [2, 1_000]);

  it.each(['token', 'own write'] as const)('%s: the write is not missed, however young it is', (because) => {
    const floors = [{ register, rank: 2, because }];
    expect(faultOf(register, 1, 1_001, floors)).toBe(because);
    expect(faultOf(register, 2, 1_001, floors)).toBeUndefined();
    expect(faultOf(register, 3, 1_001, floors)).toBeUndefined();
  });

  it('demand nothing of anything else', () => {
    const floors = [{ register: written([5, 0]), rank: 5, because: 'token' as const }];
    expect(faultOf(register, 1, 1_001, floors)).toBeUndefined();
  });

  it('are found among other things that the read shows', () => {
    const other = written([7, 0]);
    const seen: Sighting[] = [
      { register: other, rank: 7 },
      { register, rank: 1 },
    ];
    const read: Read = { sentAt: 1_001, floors: [{ register, rank: 2, because: 'token' }] };
    expect(judge(read, seen, MAX_MS)).toMatchObject({ fault: { because: 'token', register, seen: 1, expected: 2 } });
    expect(judge({ ...read, floors: [] }, seen, MAX_MS).fault).toBeUndefined();
  });

  it('hold for what is openly stale as well, where the bound does not', () => {
    const floors = [{ register, rank: 2, because: 'token' as const }];
    expect(judge({ sentAt: 9_999, floors: [] }, [{ register, rank: 1 }], Infinity).fault).toBeUndefined();
    expect(judge({ sentAt: 9_999, floors }, [{ register, rank: 1 }], Infinity).fault?.because).toBe('token');
  });
});

describe('absence', () => {
  it('before the creation is known to be over', () => {
    const register = written([1, 1_000]);
    expect(faultOf(register, register.rankOfAbsence, 1_080)).toBeUndefined();
    expect(faultOf(register, register.rankOfAbsence, 1_180)).toBe('staleness');
  });

  it('from the moment on at which the removal begins, and presence no longer after its end', () => {
    const register = written([1, 0]);
    expect(faultOf(register, register.rankOfAbsence, 990)).toBe('staleness');
    register.beginRemoval();
    expect(faultOf(register, register.rankOfAbsence, 990)).toBeUndefined();
    expect(faultOf(register, 1, 1_500)).toBeUndefined();
    register.acknowledge(GONE, 2_000);
    expect(faultOf(register, 1, 2_100)).toBeUndefined();
    expect(faultOf(register, 1, 2_101)).toBe('staleness');
    expect(faultOf(register, register.rankOfAbsence, 9_998)).toBeUndefined();
  });
});

describe('a name that comes and goes', () => {
  const name = new StateRegister('sku', false);
  /** Whether showing this is a fault, for a read that was sent at the time and has just been answered. */
  const becauseOf = (taken: boolean, sentAt: number) => faultOf(name.changes, name.rankOf(taken), sentAt);

  it('is free before anybody takes it, and only that', () => {
    expect(becauseOf(false, 900)).toBeUndefined();
    expect(name.rankOf(true)).toBe(-1);
  });

  it('may be either while it is being taken', () => {
    name.begin(true);
    expect(becauseOf(false, 1_005)).toBeUndefined();
    expect(becauseOf(true, 1_005)).toBeUndefined();
  });

  it('is taken, and free only within the bound', () => {
    name.acknowledge(1_010);
    expect(becauseOf(true, 1_500)).toBeUndefined();
    expect(becauseOf(false, 1_110)).toBeUndefined();
    expect(becauseOf(false, 1_111)).toBe('staleness');
  });

  it('may be either again while it is given up, and is then free', () => {
    name.begin(false);
    expect(becauseOf(true, 2_005)).toBeUndefined();
    expect(becauseOf(false, 2_005)).toBeUndefined();
    name.acknowledge(2_010);
    expect(becauseOf(false, 2_500)).toBeUndefined();
    expect(becauseOf(true, 2_110)).toBeUndefined();
    expect(becauseOf(true, 2_111)).toBe('staleness');
  });

  it('is not free because it was so long ago', () => {
    name.begin(true);
    name.acknowledge(3_010);
    expect(becauseOf(false, 3_111)).toBe('staleness');
    expect(becauseOf(true, 9_999)).toBeUndefined();
    expect(name.state).toBe(true);
  });

  it('demands nothing by a change whose outcome nobody knows', () => {
    name.begin(false);
    expect(becauseOf(true, 9_999)).toBeUndefined();
    expect(becauseOf(false, 9_999)).toBeUndefined();
  });
});
