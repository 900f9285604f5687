// The way to the database: one statement, an ambient transaction, a cursor. Features never see a connection.
import type { Pool, QueryResultRow } from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { cancellable } from './cancel';
import type { ChangeFeed } from './change-feed';
import { streamed } from './cursor';
import { DatabaseUnavailable } from './failures';
import { type Gathered, type GatherOptions, Gatherings } from './gathered';
import { Lanes } from './lanes';
import { lifetime } from './lifetime';
import { noteStatement } from './provenance';
import { retried } from './retried';
import { resizePool } from './resize-pool';
import { Scope } from './scope';
import { Statements } from './statements';
import { type Committed, type FirstRows, Transaction, type TransactionOptions } from './transaction';

const DEFAULT_LANES = 4;

/** What `write()` adds to a row on its way. */
interface Trace {
  isWritten: boolean | null;
  committedXid: string | null;
}

export class Database {
  private readonly ambient = new Scope<Transaction>();
  private readonly witnesses = new Scope<Committed>();
  private readonly statements: Statements;
  /** Connections for what is gathered; whoever ends the data source closes them. */
  readonly lanes: Lanes;
  private readonly gatherings: Gatherings;

  /**
   * @param feed told of each commit, so that this process shows its own writes at once
   * @param lanes how many connections gathered reads have, beside the pool
   * @param isPrepared false where the connections are a pooler's that knows no named statements
   */
  constructor(
    readonly dataSource: DataSource,
    private readonly feed?: Pick<ChangeFeed, 'committed'>,
    lanes = DEFAULT_LANES,
    isPrepared = true,
  ) {
    this.statements = new Statements(() => this.pool(), isPrepared);
    this.lanes = new Lanes(dataSource, lanes, isPrepared);
    this.gatherings = new Gatherings(this.lanes, (made) => this.ambient.get() && this.rows(made()));
  }

  /** The TypeORM repository of an entity; inside `transaction()` it works in that transaction. */
  repository<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Repository<Entity> {
    this.assertConnected();
    const repository = (this.ambient.get()?.runner.manager ?? this.dataSource.manager).getRepository(entity);
    noteStatement(repository.metadata.tableName);
    return repository;
  }

  /** Runs one statement and returns its rows; inside `transaction()` on that transaction's connection. */
  async rows<Row extends QueryResultRow>(statement: Sql): Promise<Row[]> {
    noteStatement(statement.text);
    const { text, values } = statement;
    const client = this.ambient.get()?.client;
    lifetime()?.assertGoesOn();
    if (!client && lifetime()) return this.statements.send<Row>({ text, values });
    return (await (client ?? this.pool()).query<Row>(text, values)).rows;
  }

  /**
   * Reads by key that leave together with those of all other requests: at once while nothing is under way, else with whoever waits too.
   * Once for each statement, in the constructor of the repository that owns it.
   * @throws Error if the name is taken or too long for PostgreSQL
   * @example this.byId = database.gather<Order>({ name: 'orders_by_id', by: 'id', type: 'uuid', select: sql`SELECT ${ALL} FROM orders` });
   */
  gather<Row extends object>(options: GatherOptions): Gathered<Row> {
    return this.gatherings.open<Row>(options);
  }

  /** Runs one INSERT, UPDATE or DELETE in a transaction of its own and returns what it RETURNs: one round trip, unless it collides. */
  async write<Row extends QueryResultRow>(statement: Sql): Promise<Row[]> {
    if (this.ambient.get()) return this.rows(statement);
    const rows = await this.statements.repeated<Row & Trace>(sql`
      WITH written AS (${statement}) SELECT row.*, pg_current_xact_id_if_assigned()::text AS "committedXid"
      FROM (SELECT) AS one LEFT JOIN (SELECT true AS "isWritten", * FROM written) AS row ON true`);
    const xid = rows[0]?.committedXid;
    if (xid) await this.announce(Number(xid));
    return rows.flatMap(({ isWritten, committedXid: _, ...row }) => (isWritten ? [row as unknown as Row] : []));
  }

  /** Runs the work; `committed` learns which transaction it committed last. */
  witness<T>(committed: Committed, work: () => Promise<T>): Promise<T> {
    return this.witnesses.run(committed, work);
  }

  /** The work that is being witnessed shows what this transaction has committed: from now on so does this process. */
  async announce(xid: number): Promise<void> {
    const witness = this.witnesses.get();
    if (witness) witness.xid = xid;
    await this.feed?.committed(xid);
  }

  /**
   * Runs the work in one transaction, which every repository and `rows()` called from it joins; a nested call joins too.
   * Serialization failures and deadlocks are retried up to three times with jitter, and once what PostgreSQL undid while
   * this process was frozen: the work must be repeatable.
   */
  async transaction<T>(work: (first: FirstRows) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (this.ambient.get()) return work(await this.oneByOne(options.first));
    const { result, xid } = await retried(() => this.attempt(work, options));
    if (xid !== undefined) await this.announce(xid);
    return result;
  }

  /** Inside a transaction: runs the statement in the round trip of the COMMIT, after all else. Its values are text, numbers or null. */
  atCommit(statement: Sql): void {
    const transaction = this.ambient.get();
    if (!transaction) throw new Error('There is no transaction that will be committed.');
    noteStatement(statement.text);
    transaction.atCommit(statement);
  }

  /** What is read now may never be committed. */
  get isInTransaction(): boolean {
    return this.ambient.get() !== undefined;
  }

  /** Inside a transaction: undoes only this work when it fails, and passes the failure on. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.ambient.get()?.runner;
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
    noteStatement(query.text);
    yield* streamed<Row>(this.pool(), query);
  }

  /** Connections of the pool: all, idle, and callers that wait for one. */
  poolState(): { total: number; idle: number; waiting: number } {
    if (!this.dataSource.isInitialized) return { total: 0, idle: 0, waiting: 0 };
    const { totalCount, idleCount, waitingCount } = this.pool();
    return { total: totalCount, idle: idleCount, waiting: waitingCount };
  }

  /** From now on at most so many connections; those that are too many end as soon as nobody uses them. */
  async resize({ pool, lanes }: { pool: number; lanes: number }): Promise<void> {
    this.lanes.resize(lanes);
    await resizePool(this.pool(), pool);
  }

  private async attempt<T>(
    work: (first: FirstRows) => Promise<T>,
    options: TransactionOptions,
  ): Promise<{ result: T; xid: number | undefined }> {
    this.assertConnected();
    const transaction = await Transaction.connect(this.dataSource);
    try {
      for (const { text } of options.first ?? []) noteStatement(text);
      const result = await cancellable(transaction.client, lifetime(), async () => {
        const first = await transaction.begin(options);
        return this.ambient.run(transaction, () => work(first));
      });
      lifetime()?.assertGoesOn();
      return { result, xid: await transaction.commit() };
    } catch (error) {
      throw transaction.causeOf(error);
    } finally {
      await transaction.end();
    }
  }

  private async oneByOne(statements: readonly Sql[] = []): Promise<FirstRows> {
    const rows: QueryResultRow[][] = [];
    for (const one of statements) rows.push(await this.rows(one));
    return rows;
  }

  private pool(): Pool {
    this.assertConnected();
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }

  private assertConnected(): void {
    if (!this.dataSource.isInitialized) throw new DatabaseUnavailable();
  }
}
