// One page of HTML that needs nothing but itself.
import { writeFileSync } from 'node:fs';
import { type Chapter, lossesOf, type Run } from '../results';
import { type Table, tablesOf } from '../tables';
import { picturesOf } from './pictures';
import { escape } from './svg';

const STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--line:#e3e7ec;--paper:#f5f7f9;--card:#fff;--own:#0b7a75;--bad:#be123c}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#2b3440;--paper:#0d1218;--card:#151b23;--own:#2dd4bf;--bad:#fb7185}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:940px;margin:0 auto;padding:40px 20px 80px}h1{font-size:28px;margin:0 0 6px;letter-spacing:-.01em}
a{color:var(--own)}h2{font-size:18px;margin:0 0 4px}p{margin:0 0 12px}.soft{color:var(--soft)}code{font-size:13px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px;margin:20px 0}
svg{display:block;width:calc(100% + 40px);height:auto;margin:0 -20px}.wide{overflow-x:auto;margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th{color:var(--soft);font-weight:500;text-align:right;padding:6px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal}tr:last-child td{border-bottom:0}tr.own td{color:var(--own);font-weight:600}
td.bad{color:var(--bad);font-weight:600}ul{margin:8px 0 0;padding-left:20px}nav{columns:2;font-size:13.5px;margin-top:8px}
nav a{display:block;color:var(--own);text-decoration:none;padding:1px 0}nav a:hover{text-decoration:underline}`;

export function writePage(file: string, run: Run): void {
  const { at, command, machine, items, rows, rounds, seconds, connections, chapters, source } = run;
  const day = at.slice(0, 16).replace('T', ' ');
  const counts = `${items.toLocaleString('en')} ${source === 'file' ? 'items of a file' : 'demo items'}, ${rows.toLocaleString('en')} rows in the large table`;
  const content = [
    `<h1>Floodgate beside its rivals</h1>`,
    `<p class="soft">${escape(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${day} UTC. ${counts}. ${rounds} rounds of ${seconds} s, ${connections} connections.`)}</p>`,
    `<p><code>${escape(command)}</code></p>`,
    `<nav>${chapters.map(({ name }) => `<a href="#${name}">${escape(name)}</a>`).join('')}</nav>`,
    lossesSection(run),
    ...chapters.map(chapterSection),
  ];
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Floodgate: benchmarks</title><style>${STYLE}</style>`;
  writeFileSync(
    file,
    `<!doctype html>\n<html lang="en"><head>${head}</head><body><main>${content.join('\n')}</main></body></html>\n`,
  );
}

function lossesSection(run: Run): string {
  const losses = lossesOf(run);
  if (losses.length === 0) return '';
  const lines = losses.map(
    ({ chapter, sentence }) => `<li><a href="#${chapter}">${chapter}</a>: ${escape(sentence)}</li>`,
  );
  return `<section><h2>Where Floodgate loses</h2><ul>${lines.join('')}</ul></section>`;
}

function chapterSection(chapter: Chapter): string {
  const pictures = picturesOf(chapter).map(({ svg }) => svg);
  const tables = tablesOf(chapter.result).map(tableOf);
  const isTold = picturesOf(chapter).some(({ title }) => title === chapter.title);
  const heading = `<h2>${escape(chapter.name)}</h2>${isTold ? '' : `<p class="soft">${escape(chapter.title)}</p>`}`;
  return `<section id="${chapter.name}">${heading}${pictures.join('')}${tables.join('')}</section>`;
}

function tableOf({ head, rows }: Table): string {
  const cells = (row: readonly string[]): string =>
    row.map((cell) => `<td${cell === 'MISSED' ? ' class="bad"' : ''}>${escape(cell)}</td>`).join('');
  const body = rows.map((row) => `<tr${row[0] === 'Floodgate' ? ' class="own"' : ''}>${cells(row)}</tr>`).join('');
  return `<div class="wide"><table><thead><tr>${head.map((cell) => `<th>${escape(cell)}</th>`).join('')}</tr></thead><tbody>${body}</tbody></table></div>`;
}
