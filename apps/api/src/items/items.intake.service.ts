import { Gate } from '@app/http';
import { Injectable } from '@nestjs/common';
import { MANY } from './items.import';
import { type ImportOutcome, type ImportRow, ItemsImportRepository } from './items.import.repository';
import { SharedChunk } from './items.intake.chunk';
import { ItemsSource } from './items.intake.source';

export { ITEM_COLUMNS } from './items.csv';
export { ItemImportFault } from './items.import.dto';
export type { ItemsSource } from './items.intake.source';

/** Statements at once, whatever the number of sources: while one is on its way, the database is busy with another. */
const WRITERS = 2;
/** Chunks that wait for a writer; whoever has a row for another one waits, and reads no further. */
const MAX_WAITING = 2;
/** A chunk that is not full waits so long for rows of others. */
const GATHERING_MS = 25;
const LOCK_MS = 10_000;

/** What a transaction has done for a source. */
export interface Written {
  readonly key: string;
  readonly created: number;
  readonly updated: number;
}

/** Rows of hundreds of sources at the same time, in statements of a thousand: what waits is bounded by the chunks, not by the sources. */
@Injectable()
export class ItemsIntake {
  private readonly writers = new Gate('imports', WRITERS, Infinity);
  /** By owner. */
  private readonly filling = new Map<string, SharedChunk>();
  private waiting = 0;
  private roomMade = Promise.resolve();
  private makeRoom = (): void => undefined;
  private changes = 0;
  private record: (written: readonly Written[]) => Promise<void> = () => Promise.resolve();

  constructor(private readonly rows: ItemsImportRepository) {}

  /** Called once: what is done in the transaction that writes rows, so that both are done or neither. */
  recordBy(record: (written: readonly Written[]) => Promise<void>): void {
    this.record = record;
  }

  /** Its items will belong to the owner; those of others it does not touch. */
  open(ownerId: string, key: string): ItemsSource {
    return new ItemsSource(ownerId, key, (source, row) => this.take(source, row));
  }

  /** Items of this owner are not in stock from now on. @returns how many were */
  clearStock(ownerId: string, skus: readonly string[]): Promise<number> {
    return this.rows.clearStock(ownerId, skus);
  }

  /** After much was written: makes the table as fast to search as it will be. */
  async settle(): Promise<void> {
    if (this.changes < MANY) return;
    this.changes = 0;
    await this.rows.settle();
  }

  private async take(source: ItemsSource, row: ImportRow): Promise<SharedChunk> {
    const { ownerId } = source;
    for (;;) {
      const chunk = this.filling.get(ownerId);
      if (chunk?.has(row.sku)) this.send(ownerId, chunk);
      else if (chunk || this.waiting < MAX_WAITING) return this.put(source, row, chunk ?? this.begin(ownerId));
      else await this.roomMade;
    }
  }

  private put(source: ItemsSource, row: ImportRow, chunk: SharedChunk): SharedChunk {
    chunk.add(source, row);
    if (chunk.isFull) this.send(source.ownerId, chunk);
    return chunk;
  }

  private begin(ownerId: string): SharedChunk {
    const chunk = new SharedChunk();
    this.filling.set(ownerId, chunk);
    setTimeout(() => this.send(ownerId, chunk), GATHERING_MS);
    return chunk;
  }

  private send(ownerId: string, chunk: SharedChunk): void {
    if (this.filling.get(ownerId) !== chunk) return;
    this.filling.delete(ownerId);
    if (++this.waiting === MAX_WAITING) this.roomMade = new Promise((resolve) => (this.makeRoom = resolve));
    void this.writers.run(async () => {
      if (this.waiting-- === MAX_WAITING) this.makeRoom();
      await this.write(ownerId, chunk);
    });
  }

  /** Never rejects. A row that the database refuses costs its own source only. */
  private async write(ownerId: string, chunk: SharedChunk): Promise<void> {
    const sources = chunk.sources();
    try {
      await this.upsert(ownerId, chunk);
    } catch (error) {
      if (sources.length === 1) sources[0]?.fail(error as Error);
      else
        for (const source of sources) await this.upsert(ownerId, chunk, source).catch((own: Error) => source.fail(own));
    }
    for (const source of sources) source.leave(chunk);
    chunk.settle();
  }

  private async upsert(ownerId: string, chunk: SharedChunk, source?: ItemsSource): Promise<void> {
    const caller = { id: ownerId, isAdmin: false };
    const outcome = await this.rows.upsert(caller, chunk.toJson(), {
      lockMs: LOCK_MS,
      ...(source && { only: chunk.placesOf(source) }),
      then: (done) => this.record(writtenIn(chunk, done)),
    });
    this.changes += outcome.created.length + outcome.updated.length;
    const outcomes = chunk.outcomes(outcome);
    for (const one of source ? [source] : chunk.sources())
      one.wrote(chunk.placesOf(one).length, outcomes.get(one) ?? { created: [], updated: [], refused: [] });
  }
}

const writtenIn = (chunk: SharedChunk, outcome: ImportOutcome): Written[] =>
  [...chunk.outcomes(outcome)]
    .map(([{ key }, { created, updated }]) => ({ key, created: created.length, updated: updated.length }))
    .filter(({ created, updated }) => created + updated > 0);
