// Chance that repeats itself: the same seed, the same run.

/** @returns numbers in [0, 1), by Mulberry32 */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How long until the next, of what happens so often in a unit of time; Infinity if it never does. */
export const waitOf = (rate: number, uniform: number): number => (rate > 0 ? -Math.log(1 - uniform) / rate : Infinity);
