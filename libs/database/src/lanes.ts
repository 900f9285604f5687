// The lanes of a process: whoever has keys waiting gets the first that is idle, in order of arrival.
import type { ClientConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { LIMITS } from './data-source';
import { DatabaseUnavailable } from './failures';
import { Lane, type LaneSettings } from './lane';
import { outside } from './scope';

/** Keys that wait to be sent. */
export interface Queue {
  readonly isEmpty: boolean;
  /** Takes the lane and gives it back. */
  leave(lane: Lane): void;
  /** Refuses what has waited since before that time; returns since when the rest has. */
  refuse(error: Error, before: number): number;
}

/**
 * Statements by key need no plan of their own, and a table's statistics may be old: planned once, from an index. PgBouncer must
 * be told to ignore `options` in the start-up packet.
 */
const PLANS = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off';

/** What `createDataSource()` says about the pool. */
interface PoolOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly extra: ClientConfig & { readonly Client: LaneSettings['client'] };
  readonly poolErrorHandler: LaneSettings['onLost'];
}

export class Lanes {
  private readonly lanes: Lane[];
  /** Those that are in use, and those that may be; the others rest, without a connection. */
  private size: number;
  private wanted: number;
  private readonly resting: Lane[] = [];
  /** The last one that was used comes first: a quiet process needs one connection. */
  private readonly idle: Lane[];
  private readonly waiting = new Set<Queue>();
  private timer?: NodeJS.Timeout;
  private turn?: NodeJS.Immediate;
  private isClosed = false;

  /**
   * @param dataSource whose server, limits and types the lanes share
   * @param isPrepared whether statements have names; they lose them when the server turns out to be a pooler that knows none
   */
  constructor(
    private readonly dataSource: DataSource,
    size: number,
    isPrepared = true,
  ) {
    const { url, applicationName, extra, poolErrorHandler } = dataSource.options as unknown as PoolOptions;
    const { Client: client, ...limits } = extra;
    const config = {
      ...limits,
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: LIMITS.acquireMs,
      keepAlive: true,
      ...(isPrepared && { options: PLANS }),
    };
    const naming = { isOn: isPrepared };
    this.lanes = Array.from({ length: size }, () => new Lane({ client, config, naming, onLost: poolErrorHandler }));
    this.idle = [...this.lanes];
    this.size = this.wanted = size;
  }

  /** Lanes: all, and those that wait for something to send. */
  get counts(): { total: number; idle: number } {
    return { total: this.size, idle: this.idle.length };
  }

  /** False until the data source is connected, and after `close()`. */
  get isOpen(): boolean {
    return !this.isClosed && this.dataSource.isInitialized;
  }

  /**
   * The queue has something that waits. It leaves at once if nothing is under way; if something is, with whatever else this turn
   * of the event loop reads from its sockets, since under load those who come together would otherwise leave one by one.
   */
  offer(queue: Queue): void {
    const lane = this.idle.length === this.size ? this.idle.pop() : undefined;
    if (lane) queue.leave(lane);
    if (queue.isEmpty) return;
    this.wait(queue);
    if (this.idle.length > 0) this.turn ??= outside(() => setImmediate(() => this.endTurn()));
  }

  private endTurn(): void {
    this.turn = undefined;
    while (this.waiting.size > 0 && this.idle.length > 0) this.giveBack(this.idle.pop() as Lane);
  }

  /** From now on at most so many; one that is busy ends when it is given back. */
  resize(count: number): void {
    this.wanted = Math.min(count, this.lanes.length);
    while (this.size > this.wanted && this.idle.length > 0) this.rest(this.idle.pop() as Lane);
    for (; this.size < this.wanted; this.size++) this.giveBack(this.resting.pop() as Lane);
  }

  private rest(lane: Lane): void {
    this.size--;
    lane.leave();
    this.resting.push(lane);
  }

  giveBack(lane: Lane): void {
    if (this.size > this.wanted) return this.rest(lane);
    const [next] = this.waiting;
    if (!next) return void this.idle.push(lane);
    this.waiting.delete(next);
    next.leave(lane);
    if (!next.isEmpty) this.waiting.add(next);
  }

  /** Whoever waits is refused, and what is under way fails. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const queue of this.waiting) queue.refuse(new DatabaseUnavailable(), Infinity);
    this.waiting.clear();
    for (const lane of this.lanes) lane.close();
  }

  private wait(queue: Queue): void {
    this.waiting.add(queue);
    this.timer ??= outside(() => setTimeout(() => this.refuseLate(), LIMITS.acquireMs).unref());
  }

  /** One timer for all, at most once a deadline: most who wait are sent long before. */
  private refuseLate(): void {
    this.timer = undefined;
    const now = performance.now();
    let oldest = Infinity;
    for (const queue of this.waiting) {
      const late = new DatabaseUnavailable(new Error(`not sent within ${LIMITS.acquireMs} ms`));
      oldest = Math.min(oldest, queue.refuse(late, now - LIMITS.acquireMs));
      if (queue.isEmpty) this.waiting.delete(queue);
    }
    if (oldest === Infinity) return;
    this.timer = setTimeout(() => this.refuseLate(), oldest + LIMITS.acquireMs - now).unref();
  }
}
