import { examine, type Fault, fieldsOf, type LineRecord, type Reading } from '@app/http';
import { v7 as uuidv7 } from 'uuid';
import { ITEM_FIELDS, NewItem } from './items.dto';
import type { ImportRow } from './items.import.repository';
import { faultsBetween } from './items.rules';

/** Some 130 ms of the database: another import that wants the same rows gets them within its lock timeout. */
const CHUNK_ROWS = 1_000;
/** Of JSON: making and sending more at once would keep other requests waiting. */
const CHUNK_LENGTH = 512 * 1024;

/** Members of an exported item that the server decides: they may stand in a line, and are left out. */
const SERVER_OWNED = new Set(ITEM_FIELDS.filter((name) => !fieldsOf(NewItem).has(name)) as string[]);

/** The rows of one statement, as a JSON array. */
export class Chunk {
  private readonly rows: string[] = [];
  private length = 0;

  add(row: ImportRow): void {
    const json = JSON.stringify(row);
    this.rows.push(json);
    this.length += json.length;
  }

  get isFull(): boolean {
    return this.rows.length >= CHUNK_ROWS || this.length >= CHUNK_LENGTH;
  }

  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  toJson(): string {
    return `[${this.rows.join(',')}]`;
  }
}

/**
 * The row that a line stands for, or all that is wrong with it.
 * @param lines on which line each SKU came; grows by this one's
 */
export function rowOf(record: LineRecord, lines: Map<string, number>): Reading<ImportRow> {
  if ('faults' in record) return record;
  const { instance, faults } = examine(NewItem, ownPart(record.value));
  if (faults.length > 0) return { faults };
  const between = faultsBetween(instance);
  if (between.length > 0) return { faults: between };
  const first = lines.get(instance.sku);
  if (first !== undefined) return { faults: [duplicateOf(first)] };
  lines.set(instance.sku, record.line);
  return { value: { id: uuidv7(), line: record.line, ...instance } };
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
