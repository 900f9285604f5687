// Splits CSV (RFC 4180) into rows of cells; a malformed row costs its first line only, the next is read as if it were not there.
import { isUtf8 } from 'node:buffer';
import { byteLines, type Line } from './lines';
import { notUtf8, type Reading, tooLong } from './records';
import type { Fault } from './rules';
import { Turns } from './turns';

/** A cell with more lines is taken for a quote that is not closed: each line is looked at again from the next. */
const MAX_ROW_LINES = 12_000;

/** More are no row of anything; and to look for them all would take long. */
const MAX_CELLS = 1_000;

/** A cell without anything in it, not even quotes, is undefined. */
export type Cell = string | undefined;

export type CsvRow = { readonly line: number } & Reading<Cell[]>;

const misquoted: Fault = {
  code: 'invalid_quotes',
  detail: 'has a quote that is not closed or not doubled: write "a ""quoted"" word" for a "quoted" word',
};

const tooWide: Fault = { code: 'wrong_cell_count', detail: `has more than ${MAX_CELLS} cells` };

/** Rows that are not blank; a quoted cell may span lines. */
export async function* csvRows(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<CsvRow> {
  const lines = byteLines(source, maxBytes);
  /** Lines that were looked at for the end of a row and turned out not to belong to it, the next one last. */
  const returned: Line[] = [];
  const turns = new Turns();
  const next = async (): Promise<Line | undefined> => {
    if (returned.length === 0) return (await lines.next()).value as Line | undefined;
    if (turns.isOver) await turns.pass();
    return returned.pop();
  };

  try {
    for (let first = await next(); first; first = await next()) {
      const taken = [first];
      let bytes = sizeOf(first);
      let isOpen = hasOddQuotes(first);
      while (isOpen && bytes <= maxBytes && taken.length < MAX_ROW_LINES) {
        const more = await next();
        if (!more) break;
        taken.push(more);
        bytes += 1 + sizeOf(more);
        isOpen = !hasOddQuotes(more);
      }
      // A quote that is closed where nobody looks for its end any more is rather another one, and the first is not closed.
      const isStray = isOpen || (taken.length > 1 && bytes > maxBytes);
      const row = isStray ? { faults: [misquoted] } : bytes > maxBytes ? { faults: [tooLong(maxBytes)] } : rowIn(taken);
      if ('faults' in row && row.faults[0] === misquoted) while (taken.length > 1) returned.push(taken.pop() as Line);
      if ('faults' in row || row.value.length > 0) yield { line: first.line, ...row };
    }
  } finally {
    await lines.return(undefined);
  }
}

const sizeOf = ({ bytes }: Line): number => bytes?.length ?? Infinity;

function rowIn(lines: readonly Line[]): Reading<Cell[]> {
  const bytes = Buffer.concat(lines.flatMap((one, index) => [...(index > 0 ? [LINE_FEED] : []), one.bytes as Buffer]));
  const isText = isUtf8(bytes);
  // Quotes are quotes in other encodings, too: where they are wrong, lines of another row may have been taken.
  const cells = cellsOf(bytes.toString(isText ? 'utf8' : 'latin1').replace(/\r$/, ''));
  if (!cells) return { faults: [misquoted] };
  if (!isText) return { faults: [notUtf8] };
  return cells.length > MAX_CELLS ? { faults: [tooWide] } : { value: cells };
}

const LINE_FEED = Buffer.from('\n');
const QUOTE = 34;

function hasOddQuotes({ bytes }: Line): boolean {
  let isOdd = false;
  for (let at = bytes?.indexOf(QUOTE) ?? -1; at !== -1; at = bytes?.indexOf(QUOTE, at + 1) ?? -1) isOdd = !isOdd;
  return isOdd;
}

/** A cell and what ends it. The loop is unrolled, since alternatives in a repetition would fill the stack on long cells. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;

/** None for a blank row, and no more than are needed to see that there are too many; undefined if quotes are not where they may be. */
function cellsOf(text: string): Cell[] | undefined {
  if (text.trim() === '') return [];
  const cells: Cell[] = [];
  CELL.lastIndex = 0;
  for (;;) {
    const match = CELL.exec(text);
    if (!match) return undefined;
    const [, quoted, plain, end] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? (plain || undefined));
    if (end === '' || cells.length > MAX_CELLS) return cells;
  }
}
