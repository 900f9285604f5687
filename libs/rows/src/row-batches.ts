// Turns bytes into rows, in batches that are made when they are asked for, of any format; a bad row costs only itself.
import { type CsvColumns, csvRecords, type LineRecord, ndjsonRecords, Problem } from '@app/http';
import { BrokenRows } from './broken-rows';
import { expectContentType, type RowFormat } from './content-types';
import { jsonRows } from './json-rows';
import { ROW_LIMITS } from './limits';
import { Tail } from './tail';
import { turn } from './turn';

/** A row that could be read has a `value`, another the `faults` that say why not; `line` is the ordinal in a JSON array. */
export type Row = LineRecord;

export interface RowSource {
  /** Decoded. What it throws is thrown on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As a server said it. */
  readonly contentType?: string;
}

export interface RowOptions {
  readonly format: RowFormat;
  /** What the cells of CSV stand for. */
  readonly columns: CsvColumns;
  /** Lines, or elements of an array. */
  readonly maxRows?: number;
}

/**
 * Reads no further than the batch that is asked for; leaving the loop early ends the source.
 * @throws BrokenRows when the source as a whole is not what it should be; what it has yielded before holds
 */
export async function* rowBatches(source: RowSource, options: RowOptions): AsyncGenerator<Row[]> {
  const { format, maxRows = ROW_LIMITS.maxRows } = options;
  expectContentType(format, source.contentType);
  // One more, which may be a header.
  const tail = new Tail(format === 'json' ? Infinity : maxRows + 1);
  const rows = rowsOf(tail.watch(source.bytes), options);
  let batch: Row[] = [];
  let begunAt = 0;
  let count = 0;
  try {
    await turn();
    for await (const row of rows) {
      if (++count > maxRows) throw new BrokenRows('too_many_rows', `It has more than ${maxRows} rows.`, row.line);
      batch.push(row);
      if (batch.length < ROW_LIMITS.batchRows && tail.bytes - begunAt < ROW_LIMITS.batchBytes) continue;
      // If nothing follows it, it is no row but the end of an answer that was cut.
      const last = mayBeCut(row) ? batch.splice(-1) : [];
      const full = batch;
      batch = last;
      begunAt = tail.bytes;
      if (full.length > 0) yield full;
      await turn();
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    if (tail.bytes === 0 && error instanceof Problem) throw nothing();
    throw error instanceof Problem ? new BrokenRows('bad_header', error.detail, 1) : error;
  }
  if (tail.bytes === 0) throw nothing();
  const last = batch.at(-1);
  const isCut = tail.isOpen && last !== undefined && mayBeCut(last);
  if (isCut) batch.pop();
  if (batch.length > 0) yield batch;
  if (isCut) throw new BrokenRows('truncated', 'It ends within a row, and without a line feed.', last.line);
}

const nothing = (): BrokenRows => new BrokenRows('empty', 'There is nothing in it.');

/** What the first half of a row has wrong with it. */
const CUT = new Set(['invalid_json', 'invalid_utf8', 'invalid_quotes', 'wrong_cell_count']);
const mayBeCut = (row: Row): boolean => 'faults' in row && CUT.has(row.faults[0]?.code ?? '');

function rowsOf(bytes: AsyncIterable<Uint8Array>, { format, columns }: RowOptions): AsyncIterable<Row> {
  switch (format) {
    case 'ndjson':
      return ndjsonRecords(bytes);
    case 'csv':
      return csvRecords(bytes, columns);
    case 'json':
      return jsonRows(bytes);
  }
}
