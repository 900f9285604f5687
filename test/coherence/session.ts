// A connection to PostgreSQL of a writer's own, which comes back after the server has gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryResult, type QueryResultRow } from 'pg';

const RECONNECT_MS = 50;
const STATEMENT_MS = 10_000;

export class Session {
  private client?: Client;

  constructor(private readonly url: string) {}

  /** Runs one statement. @throws when it failed, or when nobody can say whether it was carried out */
  rows<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.using(async (client) => (await client.query<Row>(text, values)).rows);
  }

  /** Runs several statements as one transaction, in one message. @returns the rows of all */
  each<Row extends QueryResultRow>(statements: readonly string[]): Promise<Row[]> {
    return this.using(async (client) => {
      const results = (await client.query(statements.join(';'))) as unknown as QueryResult<Row>[];
      return results.flatMap(({ rows }) => rows);
    });
  }

  private async using<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = (this.client ??= await this.connect());
    try {
      return await work(client);
    } catch (error) {
      // Whatever state it was left in goes with it.
      this.client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<Client> {
    for (;;) {
      const client = new Client({ connectionString: this.url, statement_timeout: STATEMENT_MS });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return client;
      } catch {
        await client.end().catch(() => undefined);
        await sleep(RECONNECT_MS);
      }
    }
  }
}
