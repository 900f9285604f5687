import type { LineRecord } from '@app/http';
import { FirstLines } from '@app/rows';
import { sku } from './items.dto';
import { ItemImportReport } from './items.import.dto';
import { notYours, reject } from './items.import.faults';
import type { ImportOutcome, ImportRow } from './items.import.repository';
import { Rows } from './items.import.rows';

/** Rows on their way, with those of others. */
interface Passage {
  /** Resolves when they are written, or have failed; never rejects. */
  readonly settled: Promise<void>;
}

/** Rows of one source that go before the first ones of a later one, so that a long one keeps no others waiting. */
const ROUND = 1_000;

/** One of many that bring rows at the same time. Its report grows while it does. */
export class ItemsSource {
  readonly report = new ItemImportReport();
  /** Rows that are in. */
  settledRows = 0;
  /** Lines whose SKU nobody knows: what they stand for may be anything. */
  unreadable = 0;
  private readonly rows = new Rows();
  private readonly rejectedSkus = new FirstLines();
  private readonly chunks = new Set<Passage>();
  private failure?: Error;

  /**
   * @param key tells whoever opened it which one it is
   * @param serial grows from one that was opened to the next
   */
  constructor(
    readonly ownerId: string,
    readonly key: string,
    private readonly serial: number,
    private readonly pass: (source: ItemsSource, row: ImportRow) => Promise<Passage>,
  ) {}

  /** Lower is earlier: those with fewer thousands of rows, and of these the one that was opened first. */
  get rank(): number {
    return Math.floor(this.report.received / ROUND) * 2 ** 32 + this.serial;
  }

  /** Resolves when there is room for the next one; a line that is wrong is reported. */
  async add(record: LineRecord): Promise<void> {
    if (this.failure) throw this.failure;
    this.report.received++;
    const read = this.rows.read(record);
    if ('faults' in read) {
      this.remember(record);
      return reject(this.report, record.line, read.faults);
    }
    this.chunks.add(await this.pass(this, read.value));
  }

  /** Resolves when all rows are in. */
  async end(): Promise<void> {
    for (const chunk of this.chunks) await chunk.settled;
    if (this.failure) throw this.failure;
    this.report.errors.sort((a, b) => a.line - b.line);
  }

  /** Whether a line had this SKU, which an item may have, were the line right or wrong. */
  has(sku: string): boolean {
    return this.rows.has(sku) || this.rejectedSkus.lineOf(sku) !== undefined;
  }

  /** Of all good rows. */
  skus(): Iterable<string> {
    return this.rows.skus();
  }

  wrote(rows: number, { created, updated, refused }: ImportOutcome): void {
    this.settledRows += rows - refused.length;
    this.report.created += created.length;
    this.report.updated += updated.length;
    this.report.unchanged += rows - created.length - updated.length - refused.length;
    for (const line of refused) reject(this.report, line, [notYours]);
  }

  fail(error: Error): void {
    this.failure ??= error;
  }

  leave(chunk: Passage): void {
    this.chunks.delete(chunk);
  }

  private remember(record: LineRecord): void {
    const given = 'value' in record ? record.value['sku'] : undefined;
    if (typeof given !== 'string') this.unreadable++;
    // Nothing has a SKU that can't be one; and a line may be one that is as long as itself.
    else if (sku.faults(given).length === 0) this.rejectedSkus.add(given, record.line);
  }
}
