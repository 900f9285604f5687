// Reads CSV with a header line as records: each cell is turned into the value that its column says it stands for.
import { type Cell, csvRows } from './csv-rows';
import { malformedBody } from './problems';
import { type LineRecord, MAX_RECORD_BYTES, type Reading } from './records';
import { fault } from './rules';

export interface CsvColumn {
  readonly isRequired: boolean;
  /** The value that a cell stands for; text that stands for none is returned as it is. Not called for an empty cell. */
  read(cell: string): unknown;
}

export type CsvColumns = Readonly<Record<string, CsvColumn>>;

/**
 * An empty cell leaves its field out; a quoted empty one is empty text.
 * @throws malformedBody when the header lacks a required column, has one twice or has an unknown one
 */
export async function* csvRecords(
  source: AsyncIterable<Uint8Array>,
  columns: CsvColumns,
  maxBytes = MAX_RECORD_BYTES,
): AsyncGenerator<LineRecord> {
  let names: string[] | undefined;
  for await (const row of csvRows(source, maxBytes)) {
    if (names === undefined)
      names =
        'faults' in row
          ? malformedBody(`The header line of the CSV ${row.faults[0]?.detail}.`)
          : headerOf(row.value, columns);
    else if ('faults' in row) yield row;
    else yield { line: row.line, ...recordOf(row.value, names, columns) };
  }
  if (names === undefined) malformedBody('The CSV has no header line.');
}

/** More are no header; and naming them all would be long. */
const MAX_CELLS = 100;

function headerOf(cells: readonly Cell[], columns: CsvColumns): string[] {
  if (cells.length > MAX_CELLS) malformedBody(`The header line of the CSV has more than ${MAX_CELLS} cells.`);
  const names = cells.map((cell) => cell?.trim() ?? '');
  const known = Object.keys(columns);
  const complaint = (what: string, all: readonly string[]) =>
    all.length === 0 ? [] : [`${what} ${all.map((name) => JSON.stringify(name.slice(0, 64))).join(', ')}`];
  const complaints = [
    ...complaint(
      'does not know',
      names.filter((name) => !known.includes(name)),
    ),
    ...complaint(
      'has twice',
      names.filter((name, index) => known.includes(name) && names.indexOf(name) !== index),
    ),
    ...complaint(
      'lacks',
      known.filter((name) => columns[name]?.isRequired && !names.includes(name)),
    ),
  ];
  if (complaints.length === 0) return names;
  return malformedBody(
    `The header line of the CSV ${complaints.join(', and ')}. Its columns, parted by commas, may be ${known.join(', ')}.`,
  );
}

function recordOf(
  cells: readonly Cell[],
  names: readonly string[],
  columns: CsvColumns,
): Reading<Record<string, unknown>> {
  if (cells.length !== names.length)
    return { faults: fault('wrong_cell_count', `has ${cells.length} cells; the header has ${names.length}`) };
  const value: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const cell = cells[index];
    if (cell !== undefined) value[name] = columns[name]?.read(cell);
  }
  return { value };
}
