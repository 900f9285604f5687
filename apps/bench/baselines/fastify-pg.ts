// Fastify and pg as one writes them by hand: response schemas, named statements, a pool of ten, and a cache with a short life.
// Arguments: the URL of the database, the id of the owner of new items, the milliseconds that an answer is kept, 0 for none.
import { fastify } from 'fastify';
import { Pool, types } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { itemSchema, pageSchema } from './item.schema';

const [databaseUrl, ownerId, ttl] = process.argv.slice(2) as [string, string, string];
const ttlMs = Number(ttl);

const BIGINT = 20;
types.setTypeParser(BIGINT, Number);
const pool = new Pool({ connectionString: databaseUrl, max: 10 });

const COLUMNS = `id, sku, name, description, price, currency, stock, tags, attributes, owner_id AS "ownerId", version,
  created_at AS "createdAt", updated_at AS "updatedAt"`;
const GET = { name: 'get', text: `SELECT ${COLUMNS} FROM items WHERE id = $1` };
const LIST = { name: 'list', text: `SELECT ${COLUMNS} FROM items ORDER BY created_at DESC, id DESC LIMIT $1` };
const CREATE = {
  name: 'create',
  text: `INSERT INTO items (id, owner_id, sku, name, price, currency, stock) VALUES ($1, $2, $3, $4, $5, $6, $7)
    RETURNING ${COLUMNS}`,
};
const UPDATE = {
  name: 'update',
  text: `UPDATE items SET name = coalesce($2, name), stock = coalesce($3, stock), version = version + 1, updated_at = now()
    WHERE id = $1 RETURNING ${COLUMNS}`,
};

interface Kept {
  readonly value: unknown;
  readonly until: number;
}

const kept = new Map<string, Kept>();
if (ttlMs > 0)
  setInterval(() => {
    const now = Date.now();
    for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
  }, 1_000).unref();

async function cached<Value>(key: string, load: () => Promise<Value>): Promise<Value> {
  if (ttlMs === 0) return load();
  const known = kept.get(key);
  if (known && known.until > Date.now()) return known.value as Value;
  const value = await load();
  kept.set(key, { value, until: Date.now() + ttlMs });
  return value;
}

interface Body {
  readonly sku?: string;
  readonly name?: string;
  readonly price?: number;
  readonly currency?: string;
  readonly stock?: number;
}

const app = fastify();
const item = { schema: { response: { '2xx': itemSchema } } };

app.get<{ Params: { id: string } }>('/v1/items/:id', item, async ({ params: { id }, url }, reply) => {
  const found = await cached(url, async () => (await pool.query<object>({ ...GET, values: [id] })).rows[0]);
  return found ?? reply.code(404).send();
});

app.get<{ Querystring: { limit?: string } }>(
  '/v1/items',
  { schema: { response: { 200: pageSchema } } },
  async ({ query: { limit = '20' }, url }) =>
    cached(url, async () => ({ data: (await pool.query({ ...LIST, values: [Math.min(Number(limit), 100)] })).rows })),
);

app.post<{ Body: Body }>('/v1/items', item, async ({ body: { sku, name, price, currency, stock } }, reply) => {
  const values = [uuidv7(), ownerId, sku, name, price ?? null, currency ?? null, stock ?? 0];
  return reply.code(201).send((await pool.query<object>({ ...CREATE, values })).rows[0]);
});

app.patch<{ Params: { id: string }; Body: Body }>('/v1/items/:id', item, async ({ params, body }, reply) => {
  const { rows } = await pool.query<object>({ ...UPDATE, values: [params.id, body.name ?? null, body.stock ?? null] });
  return rows[0] ?? reply.code(404).send();
});

app.listen({ port: 0, host: '127.0.0.1' }).then(
  (url) => process.stdout.write(`listening on ${url}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
