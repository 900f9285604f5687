// The pictures of one chapter, each with the name of its file.
import type { Chapter } from '../results';
import { FLOODGATE } from '../rivals';
import { ages } from './ages';
import { bars } from './bars';
import { memory } from './memory';
import { percentiles } from './percentiles';

export interface Picture {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** A line of a picture holds some ninety letters. */
const titleOf = ({ title }: Chapter): string => {
  const [first = ''] = title.split(';');
  return first.length <= 90 ? first : `${first.slice(0, 88)}…`;
};

export function picturesOf(chapter: Chapter): Picture[] {
  const { summaries = [], latencies = [], staleness = [], memory: series = [] } = chapter.result;
  const title = titleOf(chapter);
  const file = `bench-${chapter.name}`;
  return [
    ...(summaries.length > 0 ? [{ file, title, svg: bars(title, summaries, FLOODGATE) }] : []),
    ...(latencies.length > 0 ? [{ file, title, svg: percentiles(title, latencies) }] : []),
    ...(staleness.length > 0
      ? [{ file: `${file}-staleness`, title, svg: ages('How old what it showed was', staleness, FLOODGATE) }]
      : []),
    ...(series.length > 0 ? [{ file, title, svg: memory(title, series) }] : []),
  ];
}
