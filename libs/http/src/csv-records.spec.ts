import { slowness } from '../../../test/support/slowness';
import { type CsvColumns, csvRecords } from './csv-records';
import type { LineRecord } from './records';

const COLUMNS: CsvColumns = {
  name: { isRequired: true, read: (cell) => cell },
  size: { isRequired: false, read: Number },
  note: { isRequired: false, read: (cell) => cell },
};
const MAX = 100;
let returned = false;

/** In pieces, as a network would deliver it. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  returned = false;
  try {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  } finally {
    returned = true;
  }
}

async function recordsOf(text: string | Buffer): Promise<LineRecord[]> {
  const found: LineRecord[] = [];
  for await (const record of csvRecords(inPieces(Buffer.from(text)), COLUMNS, MAX)) found.push(record);
  return found;
}

const values = (records: LineRecord[]) => records.map((one) => ('value' in one ? one.value : one.faults[0]?.code));

it('reads cells by the name of their column, and where a record begins', async () => {
  const text = '\ufeffsize,name,note\r\n1,Lamp,\r\n\r\n2,"a ""b"", c","two\r\nlines\n"\r\n,Äpfel €,""\r\n';
  expect(await recordsOf(text)).toEqual([
    { line: 2, value: { size: 1, name: 'Lamp' } },
    { line: 4, value: { size: 2, name: 'a "b", c', note: 'two\r\nlines\n' } },
    { line: 7, value: { name: 'Äpfel €', note: '' } },
  ]);
});

it.each([
  ['an unknown column', 'name,colour\n', 'does not know "colour"'],
  ['a missing column', 'size\n1\n', 'lacks "name"'],
  ['a column twice', 'name,size,name\n', 'has twice "name"'],
  ['another separator', 'name;size\n', 'does not know "name;size", and lacks "name"'],
  ['no header at all', '\n\n', 'no header line'],
  ['a header that never ends', '"name,size\na,1\n', 'has a quote that is not closed'],
  ['another encoding', Buffer.from('ñame\n', 'latin1'), 'must be UTF-8'],
])('refuses a file with %s', async (_, text, detail) => {
  await expect(recordsOf(text)).rejects.toMatchObject({
    definition: { code: 'malformed_body' },
    detail: expect.stringContaining(detail),
  });
  expect(returned).toBe(true);
});

it.each<[string, string | Buffer, string]>([
  ['too few cells', 'one,1', 'wrong_cell_count'],
  ['too many cells', 'one,1,,', 'wrong_cell_count'],
  ['a quote in the middle', 'on"e,1,', 'invalid_quotes'],
  ['a quote that is not doubled', '"on"e",1,', 'invalid_quotes'],
  ['text behind a quote', '"one" ,1,', 'invalid_quotes'],
  ['a quote that is not closed', '"one,1,', 'invalid_quotes'],
  ['too many bytes', `${'x'.repeat(101)},1,`, 'line_too_long'],
  ['half a letter', Buffer.from([0xc3, 0x2c, 0x31, 0x2c]), 'invalid_utf8'],
])('%s are a fault of its line only', async (_, bad, code) => {
  const rest = Buffer.from('\nnext,2,\n"last",3,"a\nb"\n');
  const records = await recordsOf(Buffer.concat([Buffer.from('name,size,note\nfirst,1,\n'), Buffer.from(bad), rest]));
  const good = [{ name: 'first', size: 1 }, code, { name: 'next', size: 2 }, { name: 'last', size: 3, note: 'a\nb' }];
  expect(values(records)).toEqual(good);
  expect(records.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
});

it('a record over many lines is bounded like one on a single line', async () => {
  const long = `"${'x\n'.repeat(60)}",1,`;
  const records = await recordsOf(`name,size,note\n${long}\nnext,2,\n`);
  expect(records[0]).toEqual({ line: 2, faults: [expect.objectContaining({ code: 'invalid_quotes' })] });
  expect(records.at(-1)).toEqual({ line: 63, value: { name: 'next', size: 2 } });
});

it.each([
  ['another one', 'la"st,3,'],
  ['another one, where a record has too many bytes', 'la"st,3,', 11],
  ['another one, with half a letter', Buffer.from('la"st\xc3,3,', 'latin1')],
])('a stray quote costs its line only, whatever stands before %s', async (_, last, between = 3) => {
  const bad = Buffer.from(`name,size,note\no"ne,1,\n${'good,2,\n'.repeat(between)}`);
  const records = await recordsOf(Buffer.concat([bad, Buffer.from(last)]));
  const good = Array<object>(between).fill({ name: 'good', size: 2 });
  expect(values(records)).toEqual(['invalid_quotes', ...good, 'invalid_quotes']);
});

it('reads a file in which no quote is closed in one pass', async () => {
  const lines = 'a,1,"\n,,\n,,\n'.repeat(30_000);
  const started = performance.now();
  expect(await recordsOf(`name,size,note\n${lines}`)).not.toEqual([]);
  expect(performance.now() - started).toBeLessThan(15_000 * slowness());
});
