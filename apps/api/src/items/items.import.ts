import {
  busy,
  csvRecords,
  Gate,
  type LineRecord,
  ndjsonRecords,
  type Principal,
  Problem,
  problemOf,
  type Upload,
} from '@app/http';
import { Injectable } from '@nestjs/common';
import { ITEM_COLUMNS } from './items.csv';
import { ItemImportReport } from './items.import.dto';
import { notYours, reject } from './items.import.faults';
import { ItemsImportRepository } from './items.import.repository';
import { Chunk, Rows } from './items.import.rows';

export type ItemsFormat = 'ndjson' | 'csv';

/** Connections that one import writes on: while one chunk is on its way, the database is busy with another. */
const LANES = 2;

/** So many changes that the table should be settled now, and not by autovacuum in a minute. */
export const MANY = 5_000;

@Injectable()
export class ItemsImport {
  private readonly gate = new Gate('imports', 2, 0);
  private readonly importing = new Set<string>();
  /** Resolves when the table is as fast to search as it will be; no answer waits for it, and no shutdown. */
  settling = Promise.resolve();

  constructor(private readonly rows: ItemsImportRepository) {}

  /** What a client sends; when that ends on the way, the problem says what is in. */
  async receive(caller: Principal, { type, bytes }: Upload): Promise<ItemImportReport> {
    const report = new ItemImportReport();
    try {
      return await this.run(caller, bytes, type === 'text/csv' ? 'csv' : 'ndjson', report);
    } catch (error) {
      const { definition, detail, extra } = problemOf(error);
      throw new Problem(definition, `${detail} ${inSoFar(report)}`.trim(), { ...extra, cause: error });
    }
  }

  /**
   * Creates or changes the items that a file says, line by line; a line that is wrong is left out and reported.
   * What is written when it fails stays: whoever runs it again finds those lines unchanged.
   * @param report grows while it runs
   */
  async run(
    caller: Principal,
    bytes: AsyncIterable<Uint8Array>,
    format: ItemsFormat,
    report = new ItemImportReport(),
  ): Promise<ItemImportReport> {
    // Two are for two accounts: nobody keeps everybody else from importing.
    if (this.importing.has(caller.id)) busy('This account is importing already; wait until that is done.');
    // Before anything is waited for: the next may come in the same moment.
    this.importing.add(caller.id);
    try {
      const records = format === 'csv' ? csvRecords(bytes, ITEM_COLUMNS) : ndjsonRecords(bytes);
      await this.gate.run(() => this.writeAll(caller, records, report));
    } finally {
      this.importing.delete(caller.id);
    }
    report.errors.sort((a, b) => a.line - b.line);
    if (report.created + report.updated >= MANY) this.settle();
    return report;
  }

  private settle(): void {
    // What fails here is done by autovacuum, a little later.
    this.settling = this.settling.then(() => this.rows.settle()).catch(() => undefined);
  }

  /** Reads the next chunk while the database is busy with others, and no further. */
  private async writeAll(
    caller: Principal,
    records: AsyncIterable<LineRecord>,
    report: ItemImportReport,
  ): Promise<void> {
    const rows = new Rows();
    const lanes = Array.from({ length: LANES }, () => Promise.resolve());
    let chunk = new Chunk();
    const send = async (lane: number): Promise<void> => {
      await lanes[lane];
      const writing = this.write(caller, chunk, report);
      // Awaited before the next one; until then its failure is not unheard of.
      writing.catch(() => undefined);
      lanes[lane] = writing;
      chunk = new Chunk();
    };
    let chunks = 0;
    try {
      for await (const record of records) {
        report.received++;
        const read = rows.read(record);
        if ('faults' in read) reject(report, record.line, read.faults);
        else chunk.add(read.value);
        if (chunk.isFull) await send(chunks++ % LANES);
      }
      await send(chunks % LANES);
    } finally {
      // A chunk that is still being written counts too, whatever became of the others.
      await Promise.allSettled(lanes);
    }
    await Promise.all(lanes);
  }

  private async write(caller: Principal, chunk: Chunk, report: ItemImportReport): Promise<void> {
    if (chunk.isEmpty) return;
    const { created, updated, refused } = await this.rows.upsert(caller, chunk.toJson()).finally(() => chunk.release());
    report.created += created.length;
    report.updated += updated.length;
    report.unchanged += chunk.rows - created.length - updated.length - refused.length;
    for (const line of refused) reject(report, line, [notYours]);
  }
}

/** Tells someone whose import ended early what it has done. */
function inSoFar({ created, updated, unchanged }: ItemImportReport): string {
  if (created + updated + unchanged === 0) return '';
  return `Until then ${created} items were created, ${updated} updated and ${unchanged} unchanged: send it again to go on.`;
}
