// What is kept of a source's rows while it is read: little of each, whatever stands in them.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { rowBatches, type RowFormat } from '@app/rows';
import { ITEM_COLUMNS } from './items.csv';
import { ItemsSource } from './items.intake.source';

const MIB = 1024 * 1024;
/** What a process has more for other reasons; a third to a half of what all that was read would be. */
const MOST_MIB = 8;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function aliveMib(): number {
  collect();
  // What waits for a finalizer goes at the second.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

async function read(format: RowFormat, lineOf: (n: number) => string, lines: number): Promise<ItemsSource> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < lines; n++) yield Buffer.from(`${lineOf(n)}\n`);
  }
  const source = new ItemsSource('owner', 'feed', 0, () => Promise.resolve({ settled: Promise.resolve() }));
  for await (const batch of rowBatches({ bytes: bytes() }, { format, columns: ITEM_COLUMNS }))
    for (const row of batch) await source.add(row);
  await source.end();
  return source;
}

const LONG = 'x'.repeat(300_000);
/** The first row that is not the header. */
const csv = (n: number): string =>
  n === 0 ? 'sku,name,description' : `SKU-OF-16-${n + 100_000},Lamp,${LONG.slice(0, 8_000)}`;

it.each<[string, RowFormat, (n: number) => string, number, object]>([
  ['SKUs that are none', 'ndjson', (n) => `{"sku":"${n}${LONG}"}`, 200, { rejected: 200 }],
  ['keys that nobody knows', 'ndjson', (n) => `{"sku":"${n}","${LONG}":1}`, 100, { rejected: 100 }],
  ['rows of CSV that are good', 'csv', csv, 5_000, { rejected: 0, received: 4_999 }],
])('%s are not kept', async (_, format, lineOf, lines, report) => {
  await read(format, lineOf, 10);
  const before = aliveMib();
  const source = await read(format, lineOf, lines);
  expect(aliveMib() - before).toBeLessThan(MOST_MIB);
  expect(source.report).toMatchObject(report);
});
