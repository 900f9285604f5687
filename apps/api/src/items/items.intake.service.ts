import { Injectable } from '@nestjs/common';
import { MANY } from './items.import';
import { type ImportOutcome, type ImportRow, ItemsImportRepository } from './items.import.repository';
import { SharedChunk } from './items.intake.chunk';
import { IntakeSlots } from './items.intake.slots';
import { ItemsSource } from './items.intake.source';

export { ITEM_COLUMNS } from './items.csv';
export { ItemImportFault } from './items.import.dto';
export type { ItemsSource } from './items.intake.source';

/** Statements at once, whatever the number of sources: while one is on its way, the database is busy with another. */
const WRITERS = 2;
/** Chunks that wait for a writer; whoever has a row for another one waits, and reads no further. */
const MAX_WAITING = 2;
/** A chunk that is not full waits so long for rows of others, and longer while no writer is free. */
const GATHERING_MS = 25;
/** Sources whose bytes are made rows at the same time; what the others have waits as bytes. */
const READING = 16;
const LOCK_MS = 10_000;

/** What a transaction has done for a source. */
export interface Written {
  readonly key: string;
  readonly created: number;
  readonly updated: number;
}

/**
 * Rows of hundreds of sources at the same time, in statements of a thousand: what waits is bounded by the chunks, not by the sources.
 * A few sources at a time are read, so that a chunk has rows of few: each of them costs the statement that counts a row.
 */
@Injectable()
export class ItemsIntake {
  /** By owner. */
  private readonly filling = new Map<string, SharedChunk>();
  private readonly waiting: SharedChunk[] = [];
  private writing = 0;
  private readonly slots = new IntakeSlots(READING);
  private opened = 0;
  /** Called when there is room for another chunk. */
  private blocked: (() => void)[] = [];
  private changes = 0;
  private record: (written: readonly Written[]) => Promise<void> = () => Promise.resolve();

  constructor(private readonly rows: ItemsImportRepository) {}

  /** Called once: what is done in the transaction that writes rows, so that both are done or neither. */
  recordBy(record: (written: readonly Written[]) => Promise<void>): void {
    this.record = record;
  }

  /** Its items will belong to the owner; those of others it does not touch. */
  open(ownerId: string, key: string): ItemsSource {
    return new ItemsSource(ownerId, key, this.opened++, (source, row) => this.take(source, row));
  }

  /** The same bytes, each part of them when it is the source's turn to be read; while its server keeps it waiting it has no turn. */
  async *inTurn(source: ItemsSource, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of bytes) {
      const leave = await this.slots.enter(source.rank);
      try {
        yield part;
      } finally {
        leave();
      }
    }
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
      const isRoom = this.waiting.length < MAX_WAITING;
      if (chunk && !chunk.has(row.sku)) return this.put(source, row, chunk);
      if (!isRoom) await new Promise<void>((goOn) => this.blocked.push(goOn));
      else if (chunk) this.send(chunk);
      else return this.put(source, row, this.begin(ownerId));
    }
  }

  private put(source: ItemsSource, row: ImportRow, chunk: SharedChunk): SharedChunk {
    chunk.add(source, row);
    if (chunk.isFull) this.send(chunk);
    return chunk;
  }

  private begin(ownerId: string): SharedChunk {
    const chunk = new SharedChunk(ownerId);
    this.filling.set(ownerId, chunk);
    setTimeout(() => {
      chunk.isDue = true;
      this.write();
    }, GATHERING_MS);
    return chunk;
  }

  /** It gets no more rows. */
  private send(chunk: SharedChunk): void {
    this.filling.delete(chunk.ownerId);
    this.waiting.push(chunk);
    this.write();
  }

  /** As many chunks as there are writers. */
  private write(): void {
    while (this.writing < WRITERS) {
      const chunk = this.oldest();
      if (!chunk) return;
      if (chunk === this.waiting[0]) this.waiting.shift();
      else this.filling.delete(chunk.ownerId);
      if (this.waiting.length < MAX_WAITING) for (const goOn of this.blocked.splice(0)) goOn();
      this.writing++;
      void this.upsertAll(chunk).then(() => {
        this.writing--;
        this.write();
      });
    }
  }

  /** Be it full or only due: an owner whose chunks are full all the time keeps no others waiting. */
  private oldest(): SharedChunk | undefined {
    const [full] = this.waiting;
    const due = [...this.filling.values()].filter(({ isDue }) => isDue);
    return due.reduce((first, one) => (first && first.begunAt <= one.begunAt ? first : one), full);
  }

  /** Never rejects. A row that the database refuses costs its own source only. */
  private async upsertAll(chunk: SharedChunk): Promise<void> {
    const sources = chunk.sources();
    try {
      await this.upsert(chunk);
    } catch (error) {
      if (sources.length === 1) sources[0]?.fail(error as Error);
      else for (const source of sources) await this.upsert(chunk, source).catch((own: Error) => source.fail(own));
    }
    for (const source of sources) source.leave(chunk);
    chunk.end();
  }

  private async upsert(chunk: SharedChunk, source?: ItemsSource): Promise<void> {
    const caller = { id: chunk.ownerId, isAdmin: false };
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
