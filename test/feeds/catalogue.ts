// What the suppliers of the check publish: real items, or made ones of the same size, cut into feeds.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** As many as the real ones are. */
const MADE = 69_202;
const GZIP = [0x1f, 0x8b];

/** Lines of NDJSON. @param file of them, plain or gzip; without it they are made */
export function linesOf(file: string | undefined): string[] {
  if (file === undefined) return Array.from({ length: MADE }, (_, n) => madeLine(n));
  const bytes = readFileSync(file);
  const isPacked = GZIP.every((byte, at) => bytes[at] === byte);
  return (isPacked ? gunzipSync(bytes) : bytes).toString().split('\n').filter(Boolean);
}

/** One after the other, as even as it goes. */
export function cut(lines: readonly string[], feeds: number): Buffer[] {
  const startOf = (feed: number): number => Math.floor((feed * lines.length) / feeds);
  return Array.from({ length: feeds }, (_, feed) =>
    Buffer.from(`${lines.slice(startOf(feed), startOf(feed + 1)).join('\n')}\n`),
  );
}

const madeLine = (n: number): string =>
  JSON.stringify({
    sku: `MADE-${String(n).padStart(6, '0')}`,
    name: `Study ${n} of a figure that bows before a seated old man`,
    tags: ['kneeling', 'sitting', 'man', 'blessing', `group ${n % 97}`],
    attributes: {
      artist: `Painter ${n % 1_013}`,
      medium: 'Watercolour, ink, chalk and graphite on paper',
      classification: 'on paper, unique',
      acquired: 1_922 + (n % 90),
      credit: 'Presented by whoever had it before',
      dimensions: `support: ${200 + (n % 300)} x ${200 + (n % 400)} mm`,
      url: `https://supplier.example/artworks/a-study-of-a-figure-that-bows-${n}`,
    },
  });
