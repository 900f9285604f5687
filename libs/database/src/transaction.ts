// One transaction on a connection of its own, in few round trips: what can travel with its BEGIN or its COMMIT does.
import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { Sql } from 'sql-template-tag';
import type { DataSource, QueryRunner } from 'typeorm';
import { failureOf } from './failures';
import { allow } from './patience';
import { severalAtOnce } from './several-at-once';

export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

export interface TransactionOptions {
  readonly isolation?: Isolation;
  /** Milliseconds that each statement of this transaction may take; the pool's 2,000 unless given. */
  readonly statementMs?: number;
  /** Milliseconds that a statement may wait for a lock; the pool's 500 unless given. */
  readonly lockMs?: number;
  /** Run in the round trip of the BEGIN; the work gets the rows of each. */
  readonly first?: readonly Sql[];
}

/** The last transaction that some work has committed. */
export interface Committed {
  xid?: number;
}

/** Rows of each of the first statements. */
export type FirstRows = readonly QueryResultRow[][];

/** TypeORM was not asked to begin or to commit, and must still nest savepoints and not roll back twice. */
interface RunnerState {
  isTransactionActive: boolean;
  transactionDepth: number;
}

export class Transaction {
  private readonly last: Sql[] = [];
  private lost?: Error;
  private readonly noteLoss = (error: Error): void => void (this.lost ??= error);

  private constructor(
    readonly runner: QueryRunner,
    readonly client: PoolClient,
  ) {
    client.on('error', this.noteLoss);
  }

  /** Connected, and not begun yet; whatever happens, `end()` gives the connection back. */
  static async connect(dataSource: DataSource): Promise<Transaction> {
    const runner = dataSource.createQueryRunner();
    return new Transaction(runner, (await runner.connect()) as PoolClient);
  }

  async begin({ isolation, statementMs, lockMs, first = [] }: TransactionOptions): Promise<FirstRows> {
    this.note(true);
    allow(this.client, statementMs);
    const start = [
      `START TRANSACTION${isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation}`}`,
      ...(statementMs === undefined ? [] : [`SET LOCAL statement_timeout = ${statementMs}`]),
      ...(lockMs === undefined ? [] : [`SET LOCAL lock_timeout = ${lockMs}`]),
    ];
    const results = await this.send([...start, ...first]);
    return results.slice(start.length).map(({ rows }) => rows as QueryResultRow[]);
  }

  /** Runs it in the round trip of the COMMIT, after all else. */
  atCommit(statement: Sql): void {
    this.last.push(statement);
  }

  /** The transaction's id, or undefined if it has changed nothing. */
  async commit(): Promise<number | undefined> {
    // Read last, for the statements before it may be the first to change something.
    const results = await this.send([...this.last, 'SELECT pg_current_xact_id_if_assigned()::text AS xid', 'COMMIT']);
    this.note(false);
    const { xid } = results.at(-2)?.rows[0] as { xid: string | null };
    return xid === null ? undefined : Number(xid);
  }

  /** The connection tells why it ended when no statement waits; the next statement would fail only because it has. */
  causeOf(error: unknown): unknown {
    return failureOf(error)?.kind === 'unavailable' ? (this.lost ?? error) : error;
  }

  /** Undoes what was not committed. */
  async end(): Promise<void> {
    if (this.runner.isTransactionActive) {
      // All of it: where a savepoint could not be undone, TypeORM would undo no more than that.
      this.note(true);
      await this.runner.rollbackTransaction().catch(() => undefined);
    }
    allow(this.client, undefined);
    this.client.off('error', this.noteLoss);
    await this.runner.release();
  }

  /** A single statement's result comes bare. */
  private async send(statements: readonly (Sql | string)[]): Promise<QueryResult[]> {
    return [(await this.client.query(severalAtOnce(statements))) as QueryResult | QueryResult[]].flat();
  }

  private note(isActive: boolean): void {
    Object.assign(this.runner as unknown as RunnerState, {
      isTransactionActive: isActive,
      transactionDepth: isActive ? 1 : 0,
    });
  }
}
