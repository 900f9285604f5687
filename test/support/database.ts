// A database of its own for each test file, cloned from the migrated template.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** @param template `migrated`, or `empty` for tests of migrations themselves */
export async function createDatabase(template: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
  const templateUrl = process.env['TEST_TEMPLATE_URL'];
  if (!templateUrl) throw new Error('There is no test server: run the tests with `npm test` or `npx jest`.');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const source = template === 'migrated' ? 'template_floodgate' : 'template0';
  await asAdministrator(templateUrl, `CREATE DATABASE ${name} TEMPLATE ${source}`);
  const url = new URL(templateUrl);
  url.pathname = name;
  return { url: url.href, drop: () => asAdministrator(templateUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function asAdministrator(templateUrl: string, statement: string): Promise<void> {
  const url = new URL(templateUrl);
  url.pathname = 'postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(statement);
  await client.end();
}
