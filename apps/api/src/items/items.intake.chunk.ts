import { Chunk } from './items.import.rows';
import type { ImportOutcome, ImportRow } from './items.import.repository';
import type { ItemsSource } from './items.intake.source';

/** Rows of several sources that are written in one transaction. Their lines are places in the chunk. */
export class SharedChunk {
  /** Resolves when its rows are written, or have failed; never rejects. */
  readonly settled: Promise<void>;
  readonly begunAt = performance.now();
  /** It has waited long enough for rows of others. */
  isDue = false;
  private settle: () => void = () => undefined;
  private readonly rows = new Chunk();
  private readonly skus = new Set<string>();
  private readonly places: { source: ItemsSource; line: number }[] = [];

  constructor(readonly ownerId: string) {
    this.settled = new Promise((resolve) => (this.settle = resolve));
  }

  get isFull(): boolean {
    return this.rows.isFull;
  }

  /** A statement can't write a row twice. */
  has(sku: string): boolean {
    return this.skus.has(sku);
  }

  add(source: ItemsSource, row: ImportRow): void {
    this.rows.add({ ...row, line: this.places.length });
    this.places.push({ source, line: row.line });
    this.skus.add(row.sku);
  }

  /** Its rows are written, or have failed. */
  end(): void {
    this.rows.release();
    this.settle();
  }

  toJson(): Buffer {
    return this.rows.toJson();
  }

  sources(): ItemsSource[] {
    return [...new Set(this.places.map(({ source }) => source))];
  }

  placesOf(source: ItemsSource): number[] {
    return this.places.flatMap((place, index) => (place.source === source ? [index] : []));
  }

  /** What has become of the rows of each source, by their own lines. */
  outcomes({ created, updated, refused }: ImportOutcome): Map<ItemsSource, ImportOutcome> {
    const all = new Map<ItemsSource, ImportOutcome>();
    const sort = (kind: keyof ImportOutcome, places: readonly number[]): void => {
      for (const place of places) {
        const { source, line } = this.places[place] as { source: ItemsSource; line: number };
        const own = all.get(source) ?? { created: [], updated: [], refused: [] };
        own[kind].push(line);
        all.set(source, own);
      }
    };
    sort('created', created);
    sort('updated', updated);
    sort('refused', refused);
    return all;
  }
}
