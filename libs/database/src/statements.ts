// Single statements, each on a connection that the pool lends for it; those that come again and again are prepared there once.
import type { ClientBase, Pool, QueryResultRow } from 'pg';
import { prepareValue } from 'pg/lib/utils';
import type { Sql } from 'sql-template-tag';
import { cancellable } from './cancel';
import { lifetime } from './lifetime';
import { execute, Execution, type SentValue, type Shape, type Shapes, type Statement } from './prepared';
import { noteStatement } from './provenance';
import { retried } from './retried';
import { StatementNames } from './statement-names';

type Query = Pick<Sql, 'text' | 'values'>;

export class Statements {
  private readonly names: StatementNames;
  private readonly shapes = new WeakMap<ClientBase, Shapes>();

  /** @param isPrepared false where the connections are a pooler's that knows no named statements */
  constructor(
    private readonly pool: () => Pool,
    isPrepared: boolean,
  ) {
    this.names = new StatementNames(isPrepared);
  }

  /**
   * A statement whose text comes again and again; what collides with others is repeated, as `transaction()` does. Outside a transaction,
   * which a refused name would spoil.
   */
  async repeated<Row extends QueryResultRow>(statement: Sql): Promise<Row[]> {
    const { text, values } = statement;
    noteStatement(text);
    const name = this.names.of(text);
    if (name === undefined) return retried(() => this.send<Row>({ text, values }));
    const sent = values.map(prepareValue);
    try {
      return await retried(() => this.lend((client) => this.execution<Row>(client, { name, text }, sent)));
    } catch (error) {
      if (!this.names.isRefused(text, name, error)) throw error;
      return retried(() => this.send<Row>({ text, values }));
    }
  }

  /** A statement that is parsed each time. */
  send<Row extends QueryResultRow>({ text, values }: Query): Promise<Row[]> {
    return this.lend(async (client) => (await client.query<Row>(text, values)).rows);
  }

  private execution<Row>(client: ClientBase, statement: Statement, values: readonly SentValue[]): Promise<Row[]> {
    let shapes = this.shapes.get(client);
    if (!shapes) this.shapes.set(client, (shapes = new Map<string, Shape>()));
    const execution = new Execution(statement, values, shapes, (oid) => client.getTypeParser(oid, 'text'));
    return new Promise((resolve, reject) =>
      execute(client, execution, (error, rows) => (error ? reject(error) : resolve(rows as Row[]))),
    );
  }

  /** A violated constraint is no reason to lose the connection: `pool.query()` would close it. */
  private async lend<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    const client = await this.pool().connect();
    // One that breaks fails the query, and is not taken back.
    const onError = (): void => undefined;
    client.on('error', onError);
    try {
      return await cancellable(client, lifetime(), () => work(client));
    } finally {
      client.off('error', onError);
      client.release();
    }
  }
}
