// Gathers the keys that many ask for at the same time into few statements.
import { arrayOf, type KeyedStatement } from './keyed-statement';
import { DatabaseUnavailable } from './failures';
import type { Lane } from './lane';
import type { Answered, Row } from './prepared';
import type { Lanes, Queue } from './lanes';

/** More leave in several statements. */
const MAX_KEYS = 256;

/** Called once for each key that it asked for, or fails once for all. */
export interface Waiter {
  readonly found: (key: string, row: Row | undefined) => void;
  readonly failed: (error: Error) => void;
}

/** A key, and all who wait for it. */
interface Ticket {
  readonly key: string;
  readonly waiters: Waiter[];
  readonly since: number;
  /** Of a statement that failed: sent again by itself, and for the last time. */
  isAlone: boolean;
}

export class Gathering implements Queue {
  private waiting = new Map<string, Ticket>();
  private alone: Ticket[] = [];

  constructor(
    private readonly statement: KeyedStatement,
    private readonly lanes: Lanes,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.size === 0 && this.alone.length === 0;
  }

  /** Joins those who wait for the same key, but no statement under way: it may not see what the caller knows to be there. */
  ask(keys: Iterable<string>, waiter: Waiter): void {
    if (!this.lanes.isOpen) return waiter.failed(new DatabaseUnavailable());
    for (const key of keys) {
      const ticket = this.waiting.get(key);
      if (ticket) ticket.waiters.push(waiter);
      else this.waiting.set(key, { key, waiters: [waiter], since: performance.now(), isAlone: false });
    }
    this.lanes.offer(this);
  }

  /** What nobody else waits for is not sent any more. */
  forsake(keys: Iterable<string>, waiter: Waiter): void {
    for (const key of keys) {
      const { waiters = [] } = this.waiting.get(key) ?? {};
      const at = waiters.indexOf(waiter);
      if (at === -1) continue;
      waiters.splice(at, 1);
      if (waiters.length === 0) this.waiting.delete(key);
    }
  }

  leave(lane: Lane): void {
    const batch = this.take();
    if (batch.length === 0) return this.lanes.giveBack(lane);
    const answered: Answered = (error, rows = []) => {
      if (error && isForgotten(error)) lane.leave();
      // First the next statement, then those who waited for this one: the database works meanwhile.
      this.lanes.giveBack(lane);
      if (error) this.failed(batch, error);
      else this.arrived(batch, rows);
    };
    lane.send(this.statement, arrayOf(batch.map(({ key }) => key)), answered);
  }

  refuse(error: Error, before: number): number {
    let oldest = Infinity;
    const isLate = ({ since, waiters }: Ticket): boolean => {
      if (since > before) oldest = Math.min(oldest, since);
      else for (const waiter of waiters) waiter.failed(error);
      return since <= before;
    };
    for (const ticket of this.waiting.values()) if (isLate(ticket)) this.waiting.delete(ticket.key);
    this.alone = this.alone.filter((ticket) => !isLate(ticket));
    return oldest;
  }

  private take(): Ticket[] {
    const alone = this.alone.shift();
    if (alone) return [alone];
    const batch = [...this.waiting.values()];
    if (batch.length <= MAX_KEYS) {
      this.waiting = new Map();
      return batch;
    }
    batch.length = MAX_KEYS;
    for (const { key } of batch) this.waiting.delete(key);
    return batch;
  }

  private arrived(batch: readonly Ticket[], rows: readonly Row[]): void {
    const [only] = batch;
    if (only && batch.length === 1) return settle(only, rows[0]);
    const byKey = new Map(rows.map((row) => [this.statement.keyOf(row), row]));
    const absent: Ticket[] = [];
    for (const ticket of batch) {
      const row = byKey.get(ticket.key);
      if (!row) absent.push(ticket);
      else if (byKey.delete(ticket.key)) settle(ticket, row);
    }
    // A row whose key nobody asked for in that spelling: whose it is can be told only by asking alone.
    if (byKey.size > 0) this.again(absent);
    else for (const ticket of absent) settle(ticket, undefined);
  }

  /** Only what may be the fault of one key is tried again: a lost database must not be asked once more for each. */
  private failed(batch: readonly Ticket[], error: Error): void {
    const mayHelp = isForgotten(error) || (batch.length > 1 && isOfData(error));
    if (mayHelp && !batch.some(({ isAlone }) => isAlone)) return this.again(batch);
    for (const { waiters } of batch) for (const waiter of waiters) waiter.failed(error);
  }

  private again(batch: readonly Ticket[]): void {
    for (const ticket of batch) this.alone.push({ ...ticket, since: performance.now(), isAlone: true });
    this.lanes.offer(this);
  }
}

function settle({ key, waiters }: Ticket, row: Row | undefined): void {
  for (const waiter of waiters) waiter.found(key, row);
}

const codeOf = (error: Error): string => (error as { code?: string }).code ?? '';

/** Class 22: the value of a parameter is to blame (PostgreSQL, appendix A). */
const isOfData = (error: Error): boolean => codeOf(error).startsWith('22');

/** The connection's statement is not what it was: its columns have changed, or a pooler has forgotten it. */
const isForgotten = (error: Error): boolean => codeOf(error) === '0A000' || codeOf(error) === '26000';
