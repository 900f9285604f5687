// One run as it is written to the disk: every figure of every round.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Goal, isReached, type Result } from './scenario';
import { ratioOf } from './summary';
import { FLOODGATE } from './rivals';

export interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly result: Result;
}

export interface Run {
  readonly at: string;
  /** What it was started with. */
  readonly command: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly items: number;
  /** Whether the items were read from a file or generated. */
  readonly source: 'file' | 'demo';
  readonly rows: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly chapters: readonly Chapter[];
  /** Of scenarios that ended without a figure. */
  readonly failures?: readonly Loss[];
}

export function writeRun(file: string, run: Run): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
}

export const readRun = (file: string): Run | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Run) : undefined;

/** A goal that was missed, a rival that was faster, or a scenario that has no figure. */
export interface Loss {
  readonly chapter: string;
  readonly sentence: string;
}

export function lossesOf({ chapters, failures = [] }: Run): Loss[] {
  const losses = chapters.flatMap(({ name, result: { goals = [], summaries = [] } }): Loss[] => {
    const missed = goals
      .filter((goal) => !isReached(goal))
      .map((goal) => ({ chapter: name, sentence: sentenceOf(goal) }));
    const faster = summaries
      .filter((rival) => rival.name !== FLOODGATE && summaries.some((one) => one.name === FLOODGATE))
      .map((rival) => ({ rival, ratio: ratioOf(summaries, FLOODGATE, rival.name) }))
      .filter(({ ratio, rival }) => ratio < 1 && !goals.some(({ what }) => what === `${FLOODGATE} / ${rival.name}`))
      .map(({ rival, ratio }) => ({ chapter: name, sentence: `${FLOODGATE} / ${rival.name} is ${ratio.toFixed(2)}` }));
    return [...missed, ...faster];
  });
  return [...losses, ...failures];
}

const sentenceOf = ({ what, value, target, bound }: Goal): string =>
  `${what} is ${Number(value).toFixed(2)}, to reach: ${bound === 'least' ? '≥' : '≤'} ${target}`;
