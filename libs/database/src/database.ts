// The way to the database: one statement, an ambient transaction, a cursor. Features never see a connection.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { DataSource, EntityTarget, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import { DatabaseUnavailable, failureOf } from './failures';

const MAX_RETRIES = 3;
const ROWS_PER_FETCH = 1_000;

export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

export interface TransactionOptions {
  readonly isolation?: Isolation;
  /** Milliseconds that each statement of this transaction may take; the pool's 2,000 unless given. */
  readonly statementMs?: number;
  /** Milliseconds that a statement may wait for a lock; the pool's 500 unless given. */
  readonly lockMs?: number;
}

export class Database {
  private readonly ambient = new AsyncLocalStorage<QueryRunner>();

  constructor(readonly dataSource: DataSource) {}

  /** The TypeORM repository of an entity; inside `transaction()` it works in that transaction. */
  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    this.assertConnected();
    return (this.ambient.getStore()?.manager ?? this.dataSource.manager).getRepository(entity);
  }

  /** Runs one statement and returns its rows; inside `transaction()` on that transaction's connection. */
  async rows<Row extends QueryResultRow>(statement: Sql): Promise<Row[]> {
    const runner = this.ambient.getStore();
    const target = runner ? ((await runner.connect()) as PoolClient) : this.pool();
    const { rows } = await target.query<Row>(statement.text, statement.values);
    return rows;
  }

  /**
   * Runs the work in one transaction, which every repository and `rows()` called from it joins; a nested call joins too.
   * Serialization failures and deadlocks are retried up to three times with jitter, so the work must be repeatable.
   */
  async transaction<T>(work: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (this.ambient.getStore()) return work();
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.attempt(work, options);
      } catch (error) {
        if (attempt >= MAX_RETRIES || failureOf(error)?.kind !== 'conflict') throw error;
        await delay(Math.random() * 20 * 2 ** attempt);
      }
    }
  }

  /** Inside a transaction: undoes only this work when it fails, and passes the failure on. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.ambient.getStore();
    if (!runner) return this.transaction(work);
    await runner.startTransaction();
    try {
      const result = await work();
      await runner.commitTransaction();
      return result;
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    }
  }

  /** Streams the rows of a query from a server-side cursor, a thousand at a time: memory stays flat at any size. */
  async *stream<Row extends QueryResultRow>(query: Sql): AsyncGenerator<Row> {
    const client = await this.pool().connect();
    let failure: unknown;
    // A connection that breaks between two fetches has nobody else to tell, and would end the process.
    const onError = (error: Error): void => void (failure = error);
    client.on('error', onError);
    try {
      await client.query('BEGIN READ ONLY');
      // A slow reader leaves the transaction idle between two fetches, and the plan must suit the whole result.
      await client.query(`SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL cursor_tuple_fraction = 1`);
      const declare = sql`DECLARE stream NO SCROLL CURSOR FOR ${query}`;
      await client.query(declare.text, declare.values);
      for (;;) {
        const result = await client.query<Row>(`FETCH ${ROWS_PER_FETCH} FROM stream`);
        // What pg's promise resolves to stays until a full collection; without its rows, the heap keeps a third.
        const rows = result.rows.splice(0);
        yield* rows;
        if (rows.length < ROWS_PER_FETCH) break;
      }
      await client.query('COMMIT');
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // Left early or failed: the open transaction goes with the connection.
      const isSpoilt = failure !== undefined || client.getTransactionStatus() !== 'I';
      if (!isSpoilt) client.off('error', onError);
      client.release(isSpoilt);
    }
  }

  /** Connections of the pool: all, idle, and callers that wait for one. */
  poolState(): { total: number; idle: number; waiting: number } {
    if (!this.dataSource.isInitialized) return { total: 0, idle: 0, waiting: 0 };
    const { totalCount, idleCount, waitingCount } = this.pool();
    return { total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  private async attempt<T>(work: () => Promise<T>, { isolation, ...limits }: TransactionOptions): Promise<T> {
    this.assertConnected();
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction(isolation);
      return await this.ambient.run(runner, async () => {
        if (limits.statementMs !== undefined) await this.limit('statement_timeout', limits.statementMs);
        if (limits.lockMs !== undefined) await this.limit('lock_timeout', limits.lockMs);
        const result = await work();
        await runner.commitTransaction();
        return result;
      });
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  private async limit(setting: 'statement_timeout' | 'lock_timeout', ms: number): Promise<void> {
    await this.rows(sql`SET LOCAL ${raw(setting)} = ${raw(String(ms))}`);
  }

  private pool(): Pool {
    this.assertConnected();
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }

  private assertConnected(): void {
    if (!this.dataSource.isInitialized) throw new DatabaseUnavailable();
  }
}
