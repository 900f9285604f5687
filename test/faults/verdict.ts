// What became of the rows, as a table for people and as JSON.
import type { Figure, Form, Row } from './row';

export interface Verdict {
  readonly name: string;
  readonly fault: string;
  readonly outcome: 'passed' | 'failed' | 'not run';
  readonly seconds: number;
  readonly figures: readonly Figure[];
  /** Why it was not run, or what ended it before it had figures. */
  readonly because?: string;
}

export async function judge(
  { name, fault, programs = [], run, where }: Row,
  form: Form,
  isInstalled: (program: string) => boolean,
): Promise<Verdict> {
  const startedAt = performance.now();
  const is = (outcome: Verdict['outcome'], figures: readonly Figure[], because?: string): Verdict => ({
    ...{ name, fault, outcome, figures, because },
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  });
  if (!run) return is('not run', [], where);
  const missing = programs.filter((program) => !isInstalled(program));
  // What can't be seen has not been seen to hold.
  if (missing.length > 0) return is('failed', [], `needs ${missing.join(', ')} on the PATH`);
  try {
    const figures = await run(form);
    const isGood = figures.length > 0 && figures.every((one) => one.isGood);
    return is(isGood ? 'passed' : 'failed', figures);
  } catch (error) {
    return is('failed', [], (error as Error).stack ?? String(error));
  }
}

export function describeVerdict({ name, fault, outcome, seconds, figures, because }: Verdict): string {
  const head = `${outcome.toUpperCase().padEnd(8)} ${name.padEnd(18)} ${fault}${seconds > 0 ? ` (${seconds} s)` : ''}`;
  const rows = figures.map(
    ({ isGood, name: what, seen, bar }) => `${isGood ? ' ' : '!'} ${what.padEnd(32)} ${seen.padEnd(20)} ${bar}`,
  );
  return [head, ...rows, ...(because === undefined ? [] : [`  ${because}`])].join('\n           ');
}
