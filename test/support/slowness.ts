// What tests say in milliseconds holds for an ordinary core of a server; a slower one is allowed to take longer.

/**
 * Milliseconds that such a core takes for the work below: an estimate. 7.6 were measured on a core on which bare node:http needed
 * 2.6 times the CPU that it had needed for a request on the one that the limits were set on.
 */
const ORDINARY = 3;
const TIMES = 7;

/** How many times longer than an ordinary core this one takes just now; at least 1. */
export function slowness(): number {
  const text = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`f${n}`, 1])));
  let least = Infinity;
  for (let time = 0; time < TIMES; time++) {
    const before = process.cpuUsage();
    JSON.parse(text);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return Math.max(1, least / ORDINARY);
}

/**
 * Milliseconds that may be taken here for what takes `ms` on an ordinary core. What this core is worth is found out only where
 * it matters, since that takes as long as a dozen requests.
 * @param taken how long it took
 */
export const allowedMs = (ms: number, taken: number): number => (taken <= ms ? ms : ms * slowness());
