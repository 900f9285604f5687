// Further databases on the server of the world: empty ones, copies, and large ones of the same shape.
import { join } from 'node:path';
import { Client } from 'pg';
import { run } from './child';
import { DIST } from './paths';
import type { World } from './world';

const CHUNK = 100_000;
/** Enough that hardly any is in a cache of one mebibyte, and few enough for the memory of what asks for them. */
const MAX_IDS = 100_000;

export interface LargeTable {
  readonly url: string;
  readonly rows: number;
  /** Drawn at random. */
  readonly ids: readonly string[];
}

export async function withClient<Value>(url: string, use: (client: Client) => Promise<Value>): Promise<Value> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const urlOf = ({ databaseUrl }: World, name: string): string => {
  const url = new URL(databaseUrl);
  url.pathname = name;
  return url.href;
};

async function create(world: World, name: string, template: string): Promise<string> {
  await withClient(urlOf(world, 'postgres'), async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return urlOf(world, name);
}

/** Migrated, and nothing in it. */
export async function emptyDatabase(world: World, name: string): Promise<string> {
  const url = await create(world, name, 'template1');
  const args = [join(DIST, 'apps/api/src/cli.js'), 'migrate'];
  await run({ command: process.execPath, args, environment: { ...world.environment, DATABASE_URL: url } });
  return url;
}

/** With the items of the world. A rival does not pay for Floodgate's change log: its copy has no triggers. */
export async function copyOfWorld(world: World, name: string, isLogged: boolean): Promise<string> {
  const url = await create(world, name, new URL(world.databaseUrl).pathname.slice(1));
  if (!isLogged) await withClient(url, (client) => client.query('ALTER TABLE items DISABLE TRIGGER USER'));
  return url;
}

const made = new WeakMap<World, Map<number, Promise<LargeTable>>>();

/** Made once for each number of rows. */
export function largeTable(world: World, rows: number): Promise<LargeTable> {
  const tables = made.get(world) ?? new Map<number, Promise<LargeTable>>();
  made.set(world, tables);
  const table = tables.get(rows) ?? makeLargeTable(world, rows);
  tables.set(rows, table);
  return table;
}

/** Only the indexes that reads by id and pages of the newest use are there: the others would take most of the time. */
async function makeLargeTable(world: World, rows: number): Promise<LargeTable> {
  const url = await emptyDatabase(world, `rows_${rows}`);
  return withClient(url, async (client) => {
    const indexes = await client.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
       WHERE indrelid = 'items'::regclass AND NOT indisunique`,
    );
    for (const { name } of indexes.rows) await client.query(`DROP INDEX ${name}`);
    await client.query('SET synchronous_commit = off');
    await client.query('ALTER TABLE items DISABLE TRIGGER USER');
    await client.query(`INSERT INTO users (id, email, display_name) VALUES (uuidv7(), 'large@bench.example', 'Large')`);
    for (let from = 1; from <= rows; from += CHUNK) {
      await client.query(FILL, [from, Math.min(rows, from + CHUNK - 1), rows]);
      if (rows >= 10 * CHUNK) process.stderr.write(`\r${Math.min(rows, from + CHUNK - 1)} of ${rows} rows `);
    }
    await client.query(indexes.rows.find(({ name }) => name === 'items_created_at_id_idx')?.definition ?? '');
    await client.query('ALTER TABLE items ENABLE TRIGGER USER');
    await client.query('VACUUM ANALYZE items');
    await client.query('CHECKPOINT');
    const sample = await client.query<{ id: string }>(
      `SELECT id FROM items TABLESAMPLE BERNOULLI ($1) ORDER BY random() LIMIT $2`,
      [Math.min(100, (120 * MAX_IDS) / rows), MAX_IDS],
    );
    return { url, rows, ids: sample.rows.map(({ id }) => id) };
  });
}

/** Rows as a million demo items would be, an interval of a millisecond between them. */
const FILL = `
  INSERT INTO items (id, owner_id, sku, name, price, currency, stock, tags, attributes, created_at, updated_at)
  SELECT uuidv7(make_interval(secs => (n - $3::bigint) / 1000.0)), (SELECT id FROM users LIMIT 1), 'SKU-' || n,
    'Lamp ' || n || ' of walnut', n % 10000, 'EUR', n % 1000, ARRAY['kitchen', 'tag' || n % 500],
    jsonb_build_object('material', 'walnut', 'maker', 'M' || n % 3000), moment, moment
  FROM generate_series($1::bigint, $2::bigint) AS n, LATERAL (SELECT now() + make_interval(secs => (n - $3::bigint) / 1000.0)) AS at (moment)`;
