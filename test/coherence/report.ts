// Says what was seen: progress on one line, then tables.
import type { Capture } from './mutants';
import type { Tally } from './tally';

const whole = (count: number): string => count.toLocaleString('en');
const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** Milliseconds between two lines of progress; a terminal gets one that is written again and again. */
const EVERY = { terminal: 200, file: 10_000 } as const;

export class Progress {
  private shownAt = performance.now();

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(text: string): void {
    if (performance.now() - this.shownAt < (this.out.isTTY ? EVERY.terminal : EVERY.file)) return;
    this.shownAt = performance.now();
    this.out.write(this.out.isTTY ? `\r\x1b[K${text}` : `  … ${text}\n`);
  }

  line(text: string): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[K' : ''}${text}\n`);
  }
}

export function progressOf(title: string, tally: Tally): string {
  return `${title}: ${whole(tally.reads)} reads, ${whole(tally.writes)} writes, ${whole(tally.violationCount)} violations`;
}

export interface PhaseFigures {
  readonly reads: number;
  readonly readsWithToken: number;
  readonly writes: number;
  readonly violations: Tally['violations'];
  readonly stalenessMs: { readonly p50: number; readonly p99: number; readonly 'p99.99': number; readonly max: number };
  readonly markedStale: number;
  readonly origins: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export function figuresOf(tally: Tally, seconds: number): PhaseFigures {
  const { staleness } = tally;
  return {
    reads: tally.reads,
    readsWithToken: tally.withToken,
    writes: tally.writes,
    violations: tally.violations,
    stalenessMs: {
      p50: staleness.percentile(0.5),
      p99: staleness.percentile(0.99),
      'p99.99': staleness.percentile(0.9999),
      max: staleness.max,
    },
    markedStale: tally.markedStale,
    origins: sorted(tally.origins),
    errors: sorted(tally.errors),
    seconds,
  };
}

export function describePhase(title: string, figures: PhaseFigures, { stories, surprises }: Tally): string {
  const { reads, readsWithToken, writes, violations, stalenessMs: stale, markedStale, seconds } = figures;
  const rows = [
    `reads        ${whole(reads)} in ${seconds.toFixed(0)} s (${whole(Math.round(reads / seconds))}/s), ${whole(readsWithToken)} with a token or of an own write`,
    `writes       ${whole(writes)}`,
    `violations   ${violations.staleness} of staleness, ${violations.token} of tokens, ${violations['own write']} of own writes`,
    `staleness    p50 ${ms(stale.p50)}, p99 ${ms(stale.p99)}, p99.99 ${ms(stale['p99.99'])}, max ${ms(stale.max)}`,
    `answers      ${shares(figures.origins, reads + markedStale)}; ${whole(markedStale)} openly stale`,
    `errors       ${counts(figures.errors)}`,
    ...surprises.map((text) => `  unexpected: ${text}`),
    ...stories.map(({ text }) => `  violation: ${text}`),
  ];
  return [title, ...rows.map((row) => `  ${row}`)].join('\n');
}

export const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([name, count]) => `${name}: ${whole(count)}`)
    .join(', ') || 'none';

const shares = (of: Readonly<Record<string, number>>, all: number): string =>
  Object.entries(of)
    .map(([name, count]) => `${name} ${((100 * count) / Math.max(1, all)).toFixed(1)} %`)
    .join(', ');

const sorted = (counted: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counted].sort(([, a], [, b]) => b - a));

export function describeMutants(captures: readonly Capture[]): string {
  const rows = captures.map(({ name, caughtAfterMs, reads, violationsWithout, readsWithout }) => {
    const outcome = caughtAfterMs === undefined ? 'GOT AWAY' : `caught after ${(caughtAfterMs / 1_000).toFixed(1)} s`;
    return `  ${name.padEnd(40)} ${outcome.padEnd(20)} ${whole(reads).padStart(9)} reads; as it is: ${violationsWithout} violations in ${whole(readsWithout)} reads`;
  });
  return ['Mutants', ...rows].join('\n');
}
