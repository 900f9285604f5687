// Reads items at a fixed rate, cached ones and ones that nobody has read before, while something else goes on.
import { type Asked, latenciesOf, percentile } from '../support/open-loop';
import type { SeparateCaller } from '../support/separate-caller';

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
    private readonly caller: SeparateCaller,
    private readonly ids: readonly string[],
  ) {}

  /** Second by second until the work is done, and for some seconds at least. */
  async during(work: Promise<unknown>, leastSeconds: number): Promise<ReadFigures> {
    const hot = Array.from({ length: HOT }, (_, at) => this.item(at));
    const unread = (): Asked[] => Array.from({ length: UNCACHED_PER_SECOND }, () => this.item(this.next++));
    const [cached, uncached] = await Promise.all([
      this.caller.during(work, () => hot, CACHED_PER_SECOND, leastSeconds),
      this.caller.during(work, unread, UNCACHED_PER_SECOND, leastSeconds),
    ]);
    const all = [...cached, ...uncached];
    return {
      cachedP99: percentile(latenciesOf(cached), 0.99),
      uncachedP99: percentile(latenciesOf(uncached), 0.99),
      reads: all.length,
      lost: all.filter(({ status }) => status !== 200).length,
    };
  }

  private item(at: number): Asked {
    const id = this.ids[at];
    if (id === undefined) throw new Error('All items have been read: the refresh takes too long to measure.');
    return { path: `/v1/items/${id}` };
  }
}
