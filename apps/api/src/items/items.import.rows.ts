import { randomFillSync } from 'node:crypto';
import { examine, type Fault, fieldsOf, type LineRecord, MAX_RECORD_BYTES, type Reading } from '@app/http';
import { FirstLines } from '@app/rows';
import { v7 as uuidv7 } from 'uuid';
import { ITEM_FIELDS, NewItem } from './items.dto';
import type { ImportRow } from './items.import.repository';
import { faultsBetween } from './items.rules';

/** Some 130 ms of the database: another import that wants the same rows gets them within its lock timeout. */
const CHUNK_ROWS = 1_000;
/** Of JSON: making and sending more at once would keep other requests waiting. */
const CHUNK_BYTES = 512 * 1024;
/** The most that a line can become. */
const ROW_BYTES = 2 * MAX_RECORD_BYTES;

/** Buffers that wait for the next chunk: each is large enough to outlive many that are small, and an import needs no more at a time. */
const MAX_SPARE = 6;
const spare: Buffer[] = [];

const ID_BYTES = 16;
/** For so many ids at once, because a draw of 16 bytes costs as much as it does to check a row; and for hundreds of feeds at a time. */
const random = Buffer.alloc(256 * ID_BYTES);
let drawn = random.length;

/** Members of an exported item that the server decides: they may stand in a line, and are left out. */
const SERVER_OWNED = new Set(ITEM_FIELDS.filter((name) => !fieldsOf(NewItem).has(name)) as string[]);

/** The rows of one statement, as a JSON array; in a buffer, since a thousand strings would outlive the young generation. */
export class Chunk {
  private buffer = spare.pop() ?? Buffer.allocUnsafe(CHUNK_BYTES + ROW_BYTES);
  private bytes = 0;
  /** How many there are. */
  rows = 0;

  add(row: ImportRow): void {
    this.bytes += this.buffer.write(`${this.rows === 0 ? '[' : ','}${JSON.stringify(row)}`, this.bytes);
    this.rows++;
  }

  get isFull(): boolean {
    return this.rows >= CHUNK_ROWS || this.bytes >= CHUNK_BYTES;
  }

  get isEmpty(): boolean {
    return this.rows === 0;
  }

  toJson(): Buffer {
    return this.buffer.subarray(0, this.bytes + this.buffer.write(']', this.bytes));
  }

  /** Nobody reads what `toJson()` gave any more: the buffer is another's from now on. */
  release(): void {
    if (spare.length < MAX_SPARE) spare.push(this.buffer);
    this.buffer = NOTHING;
  }
}

const NOTHING = Buffer.alloc(0);

/** Makes the rows of one import out of its lines. */
export class Rows {
  /** On which line each SKU came. */
  private readonly lines = new FirstLines();
  private readonly startedAt = Date.now();

  /** Whether a row has this SKU. */
  has(sku: string): boolean {
    return this.lines.lineOf(sku) !== undefined;
  }

  /** Of all rows, in their order. */
  skus(): Iterable<string> {
    return this.lines;
  }

  /** The row that a line stands for, or all that is wrong with it. */
  read(record: LineRecord): Reading<ImportRow> {
    if ('faults' in record) return record;
    const { instance, faults } = examine(NewItem, ownPart(record.value));
    if (faults.length > 0) return { faults };
    const between = faultsBetween(instance);
    if (between.length > 0) return { faults: between };
    const first = this.lines.add(instance.sku, record.line);
    if (first !== undefined) return { faults: [duplicateOf(first)] };
    return { value: { id: this.idOf(record.line), line: record.line, ...instance } };
  }

  /** Ids come in the order of the lines. */
  private idOf(line: number): string {
    if (drawn === random.length) {
      randomFillSync(random);
      drawn = 0;
    }
    const own = random.subarray(drawn, (drawn += ID_BYTES));
    return uuidv7({ msecs: this.startedAt, seq: line, random: own });
  }
}

function ownPart(value: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(value);
  if (!names.some((name) => SERVER_OWNED.has(name))) return value;
  return Object.fromEntries(names.filter((name) => !SERVER_OWNED.has(name)).map((name) => [name, value[name]]));
}

const duplicateOf = (line: number): Fault => ({
  code: 'duplicate_sku',
  detail: `is the SKU of line ${line} already`,
  at: '/sku',
});
