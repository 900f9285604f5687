// Writes what was measured into the document and its pictures; what is between the markers is written here alone.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lossesOf, type Run } from '../results';
import { type Table, tablesOf } from '../tables';
import { picturesOf } from './pictures';

const DOCUMENT = 'docs/benchmarks.md';
const IMAGES = 'docs/images';
const PICTURE = /^bench-.+\.svg$/;

/** @returns what was written, relative to the root. @throws Error when a marker is missing */
export function publish(run: Run, root: string): string[] {
  const document = join(root, DOCUMENT);
  const filled = fill(fill(readFileSync(document, 'utf8'), 'losses', lossesIn(run)), 'results', chaptersIn(run));
  mkdirSync(join(root, IMAGES), { recursive: true });
  for (const old of readdirSync(join(root, IMAGES)).filter((name) => PICTURE.test(name)))
    rmSync(join(root, IMAGES, old));
  const pictures = run.chapters.flatMap(picturesOf);
  for (const { file, svg } of pictures) writeFileSync(join(root, IMAGES, `${file}.svg`), svg);
  writeFileSync(document, filled);
  return [DOCUMENT, ...pictures.map(({ file }) => `${IMAGES}/${file}.svg`)];
}

/** @throws Error when the text has no such marker */
export function fill(text: string, name: string, content: string, document = DOCUMENT): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${document} has no place between ${open} and ${close}.`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function lossesIn(run: Run): string {
  const losses = lossesOf(run).map(({ chapter, sentence }) => `- \`${chapter}\`: ${sentence}`);
  return losses.length > 0 ? losses.join('\n') : 'In this run every target was reached and no rival was faster.';
}

function chaptersIn({
  at,
  command,
  machine,
  items,
  source,
  rows,
  rounds,
  seconds,
  connections,
  chapters,
}: Run): string {
  const words = [
    `\`${command}\` on ${at.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node};`,
    `${items.toLocaleString('en')} ${source === 'file' ? 'items of a file' : 'demo items'}, ${rows.toLocaleString('en')} rows in the`,
    `large table; ${rounds} rounds of ${seconds} s, ${connections} connections.`,
  ];
  const texts = chapters.map((chapter) => {
    const pictures = picturesOf(chapter).map(({ file, title }) => `![${title}](images/${file}.svg)`);
    return [
      `### ${chapter.name}`,
      chapter.title[0]!.toUpperCase() + chapter.title.slice(1) + '.',
      ...pictures,
      ...tablesOf(chapter.result).map(tableOf),
    ].join('\n\n');
  });
  return [words.join('\n'), ...texts].join('\n\n');
}

/** As Prettier would write it. */
export function tableOf({ head, rows }: Table): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const padded = (row: readonly string[]): string => {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)));
    return `| ${cells.join(' | ')} |`;
  };
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const [top, ...rest] = all as [string[], ...string[][]];
  return [padded(top), `| ${rule.join(' | ')} |`, ...rest.map(padded)].join('\n');
}
