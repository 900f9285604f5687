// Lifetimes as people write them.

/** `500ms`, `30s`, `5m`, `1h`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds, a whole number ≥ 1. */
export function millisecondsOf(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(duration) ?? [];
  const ms = Math.round(Number(amount) * UNITS[unit as keyof typeof UNITS]);
  if (!(ms >= 1)) throw new Error(`${duration} is no duration: write for example 500ms, 30s, 5m or 1h.`);
  return ms;
}

/** What was filled at the same moment must not expire at the same moment: up to this share less. */
export const TTL_JITTER = 1 / 10;

export const jittered = (ms: number): number => Math.max(1, Math.round(ms * (1 - Math.random() * TTL_JITTER)));
