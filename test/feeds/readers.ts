// Reads items at a fixed rate, cached ones and ones that nobody has read before, while something else goes on.
import { latenciesOf, percentile, type Seen } from '../flood/open-loop';
import type { SeparateReader } from '../flood/separate-reader';

const CACHED_PER_SECOND = 200;
const UNCACHED_PER_SECOND = 50;
/** Items that are read again and again. */
const HOT = 100;

export interface ReadFigures {
  readonly cachedP99: number;
  readonly uncachedP99: number;
  readonly reads: number;
  /** Answers that were no items. */
  readonly lost: number;
}

export class Readers {
  private next = HOT;

  /** @param ids of items, more than will be read */
  constructor(
    private readonly reader: SeparateReader,
    private readonly ids: readonly string[],
  ) {}

  /** Second by second until the work is done, and for some seconds at least. */
  async during(work: Promise<unknown>, leastSeconds: number): Promise<ReadFigures> {
    const hot = Array.from({ length: HOT }, (_, at) => this.item(at));
    const seen: Record<'cached' | 'uncached', Seen[]> = { cached: [], uncached: [] };
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    over.catch(() => undefined);
    for (let second = 0; second < leastSeconds || !isOver; second++) {
      const [known, unknown] = await Promise.all([
        this.reader.run(hot, CACHED_PER_SECOND, 1),
        this.reader.run(this.unread(UNCACHED_PER_SECOND), UNCACHED_PER_SECOND, 1),
      ]);
      seen.cached.push(...known);
      seen.uncached.push(...unknown);
    }
    await over;
    const all = [...seen.cached, ...seen.uncached];
    return {
      cachedP99: percentile(latenciesOf(seen.cached), 0.99),
      uncachedP99: percentile(latenciesOf(seen.uncached), 0.99),
      reads: all.length,
      lost: all.filter(({ status }) => status !== 200).length,
    };
  }

  private unread(count: number): string[] {
    return Array.from({ length: count }, () => this.item(this.next++));
  }

  private item(at: number): string {
    const id = this.ids[at];
    if (id === undefined) throw new Error('All items have been read: the refresh takes too long to measure.');
    return `/v1/items/${id}`;
  }
}
