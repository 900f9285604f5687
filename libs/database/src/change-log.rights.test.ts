import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { LoggedDatabase } from '../test/logged-database';
import { createChangeLog, LOGGED_TABLES, logChanges } from './change-log';

/** Roles belong to the whole server. */
const CLERK = `clerk_${randomUUID().replaceAll('-', '')}`;
let log: LoggedDatabase;
let clerk: Client;

beforeAll(async () => {
  log = await LoggedDatabase.create();
  await log.client.query(`CREATE ROLE ${CLERK}`);
  await log.client.query(`GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON orders, lines TO ${CLERK}`);
  await log.client.query(`CREATE SCHEMA theirs AUTHORIZATION ${CLERK}`);
});
beforeEach(async () => {
  clerk = await log.connect();
  await clerk.query(`SET SESSION AUTHORIZATION ${CLERK}`);
});
afterEach(() => log.disconnect());
afterAll(async () => {
  try {
    await log.client.query(`DROP OWNED BY ${CLERK} CASCADE`);
    await log.client.query(`DROP ROLE ${CLERK}`);
  } finally {
    await log.close();
  }
});

const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: Error) => error.message,
  );

describe('a role that may change a table', () => {
  it('has its changes logged without rights on the log', async () => {
    await clerk.query(`INSERT INTO orders VALUES (1), (2)`);
    await clerk.query(`UPDATE orders SET name = 'x' WHERE id = 2`);
    await clerk.query(`DELETE FROM orders WHERE id = 2`);
    await clerk.query(`TRUNCATE orders, lines`);
    expect(await log.loggedTags()).toEqual([
      ['lines:*'],
      ['orders:*'],
      ['orders:1', 'orders:2'],
      ['orders:2'],
      ['orders:2'],
    ]);
  });

  it.each([
    `SELECT * FROM change_log`,
    `INSERT INTO change_log (tags) VALUES ('{orders:1}')`,
    `DELETE FROM change_log`,
    `TRUNCATE change_log`,
    `SELECT * FROM change_log_marks`,
    `DELETE FROM change_log_marks`,
  ])('may not %s', async (statement) => {
    expect(await refusal(clerk.query(statement))).toMatch(/^permission denied for table change_log/);
  });

  it.each(['', 'pg_temp', 'theirs', 'theirs, public', 'pg_temp, theirs, pg_catalog'])(
    'has its changes logged with the search path %j, whatever stands there',
    async (path) => {
      await clerk.query(`CREATE TABLE theirs.change_log (id bigint, xid xid8, tags text[])`);
      await clerk.query(`CREATE TEMP TABLE change_log (id bigint, xid xid8, tags text[])`);
      await clerk.query(`CREATE TEMP TABLE after AS SELECT 666 AS id`);
      await clerk.query(`CREATE TEMP TABLE before AS SELECT 666 AS id`);
      for (const [name, args] of [
        ['array_agg', 'anynonarray'],
        ['cardinality', 'anyarray'],
        ['pg_current_xact_id', ''],
      ])
        await clerk.query(`
          CREATE FUNCTION theirs.${name}(${args}) RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE ''called as %'', current_user; END'`);
      await clerk.query(`
        CREATE FUNCTION theirs.joined(text, int) RETURNS text LANGUAGE sql AS $$ SELECT 'orders:666' $$;
        CREATE OPERATOR theirs.|| (LEFTARG = text, RIGHTARG = int, FUNCTION = theirs.joined)`);
      await clerk.query(`SET search_path = ${path === '' ? `''` : path}`);
      await clerk.query(`INSERT INTO public.orders VALUES (3)`);
      await clerk.query(`UPDATE public.orders SET id = 4 WHERE id = 3`);
      await clerk.query(`DELETE FROM public.orders`);
      const tags = await log.loggedTags();
      await clerk.query(`DROP SCHEMA theirs CASCADE`);
      await log.client.query(`CREATE SCHEMA theirs AUTHORIZATION ${CLERK}`);
      expect(tags).toEqual([['orders:3'], ['orders:3', 'orders:4'], ['orders:4']]);
    },
  );

  it('may not log what it likes', async () => {
    await clerk.query(`CREATE TEMP TABLE things (id text)`);
    const refused = await refusal(
      clerk.query(`CREATE TRIGGER log AFTER INSERT ON things REFERENCING NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION public.log_change('orders')`),
    );
    expect(refused).toMatch(/^permission denied for function/);
  });

  it('may not call a function of its own with the rights of the owner of the log', async () => {
    await clerk.query(`CREATE TYPE theirs.trap AS ENUM ('one')`);
    await clerk.query(`
      CREATE FUNCTION theirs.spring(theirs.trap) RETURNS text LANGUAGE plpgsql AS
      $$ BEGIN DELETE FROM public.change_log_marks; RETURN current_user; END $$`);
    await clerk.query(`CREATE CAST (theirs.trap AS text) WITH FUNCTION theirs.spring(theirs.trap)`);
    await clerk.query(`CREATE TABLE theirs.traps (id theirs.trap)`);
    await refusal(
      clerk.query(`CREATE TRIGGER log AFTER INSERT ON theirs.traps REFERENCING NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION public.log_change('orders')`),
    );
    await clerk.query(`INSERT INTO theirs.traps VALUES ('one')`);
    expect(await log.loggedTags()).toEqual([]);
    const { rows } = await log.client.query(`SELECT count(*)::int FROM change_log_marks`);
    expect(rows).toEqual([{ count: 1 }]);
  });
});

describe.each(['shop', '"My ""Shop"'])('in the schema %s', (schema) => {
  it('the log is the one beside the function, whoever writes from wherever', async () => {
    const client = await log.connect();
    await client.query(`CREATE SCHEMA ${schema}`);
    await log.migrate(async (runner) => {
      await runner.query(`SET LOCAL search_path = ${schema}`);
      await createChangeLog(runner);
      await runner.query(`CREATE TABLE parts (id int)`);
      await logChanges(runner, 'parts');
    });
    await client.query(`INSERT INTO ${schema}.parts VALUES (1)`);
    const { rows } = await client.query(`SELECT tags FROM ${schema}.change_log`);
    expect([rows, await log.loggedTags()]).toEqual([[{ tags: ['parts:1'] }], []]);
    await client.query(`SET search_path = ${schema}`);
    expect((await client.query(LOGGED_TABLES)).rows).toEqual([{ name: 'parts' }]);
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
  });
});
