// Pieces of a picture that stands alone: it brings its own style, for light and dark.
export const WIDTH = 760;
export const SIDE = 20;

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const STYLE = `
.picture{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;--ink:#1b2430;--soft:#5b6675;--line:#e3e7ec;--paper:#ffffff;
--own:#0b7a75;--s0:#64748b;--s1:#b45309;--s2:#be123c;--s3:#6d28d9;--s4:#1d4ed8;--bar:#b8c1cc;--bound:#be123c}
@media (prefers-color-scheme:dark){.picture{--ink:#e6eaf0;--soft:#9aa6b5;--line:#2b3440;--paper:#151b23;
--own:#2dd4bf;--s0:#94a3b8;--s1:#f59e0b;--s2:#fb7185;--s3:#a78bfa;--s4:#60a5fa;--bar:#4a5665;--bound:#fb7185}}
.picture text{fill:var(--ink)}.picture .soft{fill:var(--soft)}.picture .small{font-size:11.5px}
.picture .title{font-size:15px;font-weight:600}.picture .own{font-weight:600}
.picture .grid{stroke:var(--line);stroke-width:1}.picture .spread{stroke:var(--ink);stroke-width:1.5}
.picture .bound{stroke:var(--bound);stroke-width:1.5;stroke-dasharray:5 4}.picture .boundary{fill:var(--bound)}
.picture .curve{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}`;

export function picture(height: number, label: string, content: string): string {
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" aria-label="${escape(label)}" ${size}>` +
    `<style>${STYLE.replaceAll('\n', '')}</style><rect width="${WIDTH}" height="${height}" rx="10" style="fill:var(--paper)"/>${content}</svg>\n`
  );
}

const number = (value: number): string => String(Math.round(value * 10) / 10);

export function text(
  x: number,
  y: number,
  words: string,
  look = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return `<text x="${number(x)}" y="${number(y)}" class="${look}" text-anchor="${anchor}">${escape(words)}</text>`;
}

export const rect = (x: number, y: number, width: number, height: number, colour: string): string =>
  `<rect x="${number(x)}" y="${number(y)}" width="${number(Math.max(width, 1))}" height="${height}" rx="3" style="fill:${colour}"/>`;

export const line = (x1: number, y1: number, x2: number, y2: number, look: string): string =>
  `<line x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}" class="${look}"/>`;

export const curve = (points: readonly (readonly [number, number])[], colour: string): string =>
  `<polyline class="curve" style="stroke:${colour}" points="${points.map(([x, y]) => `${number(x)},${number(y)}`).join(' ')}"/>`;

export const dot = (x: number, y: number, colour: string): string =>
  `<circle cx="${number(x)}" cy="${number(y)}" r="3.2" style="fill:${colour}"/>`;

/** Round numbers from 0 to above the most: some four of them. */
export function ticks(most: number): number[] {
  const rough = most / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

/** 0.1, 1, 10 …: all powers of ten around the values. */
export function decades(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.max(Math.min(...values), 1e-3)));
  const last = Math.max(Math.ceil(Math.log10(Math.max(...values, 1e-3))), first + 1);
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}
