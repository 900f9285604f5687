// What was found, as rows of text: for the terminal, for documents and for the page.
import { type Goal, isReached, type Latencies, type Result, type Staleness } from './scenario';
import type { Spread } from './statistics';
import type { Summary } from './summary';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** `61,234`, `12.3`, `0.123`; a dash for what could not be measured. */
export function shown(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1_000 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

export const tablesOf = ({
  summaries = [],
  latencies = [],
  staleness = [],
  figures = [],
  goals = [],
}: Result): Table[] =>
  [
    summaryTable(summaries),
    latencyTable(latencies),
    stalenessTable(staleness),
    { head: ['', 'value', 'unit'], rows: figures.map(({ name, value, unit }) => [name, shown(value), unit]) },
    goalTable(goals),
  ]
    .filter(({ rows }) => rows.length > 0)
    .map(withoutEmptyColumns);

function withoutEmptyColumns({ head, rows }: Table): Table {
  const isSaid = (column: number): boolean => rows.some((row) => row[column] !== '');
  const kept = (row: readonly string[]): string[] => row.filter((_, column) => isSaid(column));
  return { head: kept(head), rows: rows.map(kept) };
}

const halfWidth = ({ median, min, max }: Spread): string => shown(((max - min) / 2 / median) * 100);

const summaryTable = (summaries: readonly Summary[]): Table => ({
  head: ['', 'req/s', '± %', 'ratio', 'from', 'to', 'CPU µs', 'CPU ratio', 'p50 ms', 'p99 ms', 'RSS MiB', 'hits %'],
  rows: summaries.map((one) => [
    one.name,
    shown(one.perSecond.median),
    halfWidth(one.perSecond),
    ...[one.ratio.median, one.ratio.min, one.ratio.max].map((value) => value.toFixed(2)),
    shown(one.cpuMicroseconds.median),
    shown(one.cpuRatio.median),
    one.p50Ms.toFixed(2),
    one.p99Ms.toFixed(2),
    one.residentMebibytes === undefined ? '' : shown(one.residentMebibytes),
    one.hits === undefined ? '' : (one.hits * 100).toFixed(1),
  ]),
});

const latencyTable = (latencies: readonly Latencies[]): Table => ({
  head: ['', 'req/s', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms'],
  rows: latencies.map(({ name, perSecond, p50Ms, p90Ms, p99Ms, p999Ms, maxMs }) => [
    name,
    shown(perSecond),
    ...[p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map((value) => value.toFixed(2)),
  ]),
});

const stalenessTable = (staleness: readonly Staleness[]): Table => ({
  head: ['', 'reads checked', 'stale', 'by more than 100 ms', 'p50 ms', 'p99 ms', 'max ms'],
  rows: staleness.map(({ name, reads, staleReads, brokenReads, p50Ms, p99Ms, maxMs }) => [
    name,
    ...[reads, staleReads, brokenReads].map(shown),
    ...[p50Ms, p99Ms, maxMs].map((value) => value.toFixed(1)),
  ]),
});

const goalTable = (goals: readonly Goal[]): Table => ({
  head: ['to reach', 'is', 'target', ''],
  rows: goals.map((goal) => [
    goal.what,
    shown(goal.value),
    `${goal.bound === 'least' ? '≥' : '≤'} ${shown(goal.target)}`,
    isReached(goal) ? 'reached' : 'MISSED',
  ]),
});
