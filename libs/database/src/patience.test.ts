import { createDataSource, Database } from '@app/database';
import { Telemetry } from '@app/telemetry';
import type { DataSource } from 'typeorm';
import sql from 'sql-template-tag';
import { createDatabase } from '../../../test/support/database';
import { type FaultProxy, startProxy } from '../../../test/support/proxy';
import { failureOf } from './failures';

const LOST_WITHIN = 2_500;

let proxy: FaultProxy;
let dataSource: DataSource;
let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const made = await createDatabase('empty');
  drop = made.drop;
  const url = new URL(made.url);
  proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  dataSource = createDataSource({ url: url.href, poolSize: 2, migrations: [], telemetry: new Telemetry() });
  await dataSource.initialize();
  database = new Database(dataSource);
});
afterEach(() => proxy.heal());
afterAll(async () => {
  await dataSource.destroy();
  await proxy.close();
  await drop();
});

const one = (): Promise<object[]> => database.rows(sql`SELECT 1 AS one`);

it.each<[name: string, ask: () => Promise<unknown>]>([
  ['a statement', one],
  ['a transaction', () => database.transaction(one)],
])('%s fails when the server says nothing, and the next one gets another connection', async (_, ask) => {
  await one();
  proxy.freeze();
  const startedAt = performance.now();
  const failure = await ask().then(
    () => undefined,
    (error: unknown) => failureOf(error)?.kind,
  );
  expect(failure).toBe('unavailable');
  expect(performance.now() - startedAt).toBeLessThan(LOST_WITHIN);
  proxy.thaw();
  expect(await one()).toEqual([{ one: 1 }]);
});

it('a transaction whose statements may take longer is awaited longer', async () => {
  const slow = () => database.rows<{ done: number }>(sql`SELECT 1 AS done FROM pg_sleep(2.6)`);
  expect(await database.transaction(slow, { statementMs: 5_000 })).toEqual([{ done: 1 }]);
  await expect(slow()).rejects.toMatchObject({ code: '57014' });
});
