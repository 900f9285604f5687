// A database of its own with a change log, and tables whose changes it logs.
import { createChangeLog, createDataSource, Database, logChanges } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { Client } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { createDatabase } from '../../../test/support/database';

const TABLES = [
  `CREATE TABLE orders (id int PRIMARY KEY, name text UNIQUE)`,
  `CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders ON DELETE CASCADE ON UPDATE CASCADE)`,
];

export interface Logged {
  readonly xid: string;
  readonly tags: string[];
}

export class LoggedDatabase {
  private readonly others = new Set<Client>();
  private lastId = 0;

  private constructor(
    readonly url: string,
    readonly client: Client,
    readonly dataSource: DataSource,
    readonly database: Database,
    readonly telemetry: Telemetry,
    private readonly drop: () => Promise<void>,
  ) {}

  /** @param feed is told of what `database` commits */
  static async create(feed?: ConstructorParameters<typeof Database>[1]): Promise<LoggedDatabase> {
    const { url, drop } = await createDatabase('empty');
    const telemetry = new Telemetry();
    const dataSource = createDataSource({ url, poolSize: 4, migrations: [], telemetry });
    await dataSource.initialize();
    // A test that failed may have left a lock behind.
    const client = new Client({ connectionString: url, lock_timeout: 5_000 });
    await client.connect();
    const made = new LoggedDatabase(url, client, dataSource, new Database(dataSource, feed), telemetry, drop);
    await made.migrate(async (runner) => {
      await createChangeLog(runner);
      for (const table of TABLES) await runner.query(table);
      for (const table of ['orders', 'lines']) await logChanges(runner, table);
    });
    return made;
  }

  async close(): Promise<void> {
    await this.disconnect();
    await this.client.end();
    await this.dataSource.destroy();
    await this.drop();
  }

  /** Another connection, until `disconnect()`. */
  async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.url, lock_timeout: 5_000 });
    this.others.add(client);
    await client.connect();
    return client;
  }

  /** Ends the connections that `connect()` gave, with whatever they have in progress. */
  async disconnect(): Promise<void> {
    await Promise.all([...this.others].map((client) => client.end()));
    this.others.clear();
  }

  /** As in a migration. */
  async migrate(work: (runner: QueryRunner) => Promise<void>): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await work(runner);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** What has been logged since it was asked last; the order of a statement's tags says nothing. */
  async logged(): Promise<Logged[]> {
    const { rows } = await this.client.query<Logged & { id: string }>(
      `SELECT id, xid::text, tags FROM change_log WHERE id > ${this.lastId} ORDER BY id`,
    );
    this.lastId = Number(rows.at(-1)?.id ?? this.lastId);
    return rows.map(({ xid, tags }) => ({ xid, tags: tags.sort() }));
  }

  async loggedTags(): Promise<string[][]> {
    const logged = await this.logged();
    return logged.map(({ tags }) => tags).sort();
  }
}
