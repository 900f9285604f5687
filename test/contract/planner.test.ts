// Asks PostgreSQL how it would carry out what the list sends: every filter and every sort must ride on an index.
import { Database, Gathered, sql, type Sql } from '@app/database';
import type { OpenApiDocument } from '@app/http';
import { Client } from 'pg';
import { TestApi } from '../support/api';

const ROWS = 70_000;

/** As skewed as a real collection: half of it by one artist, few common and many rare tags, every second price unknown. */
const FILL = `
  INSERT INTO items (id, owner_id, sku, name, description, price, currency, stock, tags, attributes, created_at, updated_at)
  SELECT uuidv7(), (SELECT array_agg(id ORDER BY id) FROM users)[1 + floor(power(random(), 3) * 20)],
    'SKU-' || n, 'Name ' || n % 5000 || ' of ' || left(md5(n::text), 8), 'Text ' || left(md5((n % 100)::text), 8),
    CASE WHEN n % 2 = 0 THEN n % 10000 END, CASE WHEN n % 20 = 0 THEN 'JPY' WHEN n % 2 = 0 THEN 'EUR' END, n % 1000,
    ARRAY['t' || floor(power(random(), 3) * 500), 'u' || n % 20],
    jsonb_build_object('artist', CASE WHEN n % 2 = 0 THEN 'Turner' ELSE 'A' || floor(power(random(), 4) * 3000) END, 'medium', 'M' || n % 50),
    now() - n * interval '1 minute', now() - (n * 7919 % 70000) * interval '1 minute'
  FROM generate_series(1, ${ROWS}) AS n`;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: Plan[];
}
type Query = Record<string, string | string[]>;

/** One index after the other is made when the rows are there, which takes a third of the time. */
async function fill(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
       WHERE indrelid = 'items'::regclass AND NOT indisunique`,
    );
    for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
    await client.query(`SELECT setseed(0.5)`);
    await client.query(FILL);
    for (const { definition } of rows) await client.query(definition);
    await client.query('VACUUM ANALYZE items');
  } finally {
    await client.end();
  }
}

describe('with 70,000 items', () => {
  let api: TestApi;
  let database: Database;
  let owners: string[];

  beforeAll(async () => {
    api = await TestApi.start();
    database = api.app.get(Database);
    await api.rows(sql`INSERT INTO users (id, email, display_name)
      SELECT uuidv7(), n || '@planner.example', 'Owner ' || n FROM generate_series(1, 20) AS n`);
    await fill(api.databaseUrl);
    const found = await api.rows<{ id: string }>(sql`SELECT owner_id AS id FROM items GROUP BY 1 ORDER BY count(*)`);
    owners = found.map(({ id }) => id);
  }, 60_000);

  afterAll(() => api.close());

  /** The statements of a request about which nothing is cached, as the repository sends them: first the rows, then the count. */
  async function statementsOf(url: string, query: Query = {}): Promise<Sql[]> {
    await api.forget();
    const rows = jest.spyOn(database, 'rows');
    const gathered = jest.spyOn(Gathered.prototype, 'load');
    try {
      const { status, body } = await api.get(url, { query });
      expect({ query, status, isEmpty: body.data?.length === 0 }).toEqual({ query, status: 200, isEmpty: false });
      const { calls, contexts } = gathered.mock;
      const keyed = calls.map(([keys], at) =>
        (contexts[at] as unknown as { statement: { of: (keys: readonly string[]) => Sql } }).statement.of(keys),
      );
      return [...rows.mock.calls.map(([statement]) => statement), ...keyed];
    } finally {
      rows.mockRestore();
      gathered.mockRestore();
    }
  }

  /** All nodes of the statement's plan, the topmost first. */
  async function planOf(statement: Sql | undefined): Promise<Plan[]> {
    if (!statement) throw new Error('The request sent no such statement.');
    const [row] = await database.rows<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      sql`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`,
    );
    const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
    return row ? nodes(row['QUERY PLAN'][0].Plan) : [];
  }

  const planOfList = async (query: Query): Promise<Plan[]> => planOf((await statementsOf('/v1/items', query))[0]);
  const scans = (plan: Plan[]): string[] =>
    plan
      .filter((node) => node['Node Type'].includes('Seq Scan'))
      .map((node) => `${node['Node Type']} on ${node['Relation Name']}`);
  const blocks = ([root]: Plan[]): number => (root?.['Shared Hit Blocks'] ?? 0) + (root?.['Shared Read Blocks'] ?? 0);

  const SELECTIVE: [name: string, query: () => Query][] = [
    ['q', () => ({ q: '"name 17"' })],
    ['tag', () => ({ tag: 't499' })],
    ['tag', () => ({ tag: ['t3', 'u7'] })],
    ['sku', () => ({ sku: ['SKU-7', 'SKU-69999', 'SKU-0'] })],
    ['ownerId', () => ({ ownerId: owners.at(0) ?? '' })],
    ['priceMin', () => ({ priceMin: '9990' })],
    ['priceMax', () => ({ priceMax: '10' })],
    ['currency', () => ({ currency: 'JPY' })],
    ['stockMin', () => ({ stockMin: '999' })],
    ['updatedSince', () => ({ updatedSince: new Date(Date.now() - 20 * 60_000).toISOString() })],
    ['attr', () => ({ attr: 'artist:A2999' })],
    ['attr', () => ({ attr: ['artist:Turner', 'medium:M8'] })],
  ];
  const COMMON: [name: string, query: () => Query][] = [
    ['q', () => ({ q: 'M7' })],
    ['tag', () => ({ tag: 't0' })],
    ['ownerId', () => ({ ownerId: owners.at(-1) ?? '' })],
    ['priceMin', () => ({ priceMin: '0' })],
    ['priceMax', () => ({ priceMax: '9999' })],
    ['currency', () => ({ currency: 'EUR' })],
    ['stockMin', () => ({ stockMin: '0' })],
    ['updatedSince', () => ({ updatedSince: '2000-01-01T00:00:00Z' })],
    ['attr', () => ({ attr: 'artist:Turner' })],
  ];
  const SORTS = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'name', '-name', 'price', '-price'];

  it('each GIN index is cleaned in small portions, since the write that does it keeps others waiting', async () => {
    const indexes = await database.rows<{ name: string; options: string[] | null }>(sql`
      SELECT pg_class.oid::regclass::text AS name, reloptions AS options FROM pg_class JOIN pg_am ON pg_am.oid = relam
      WHERE amname = 'gin' AND relkind = 'i' AND relnamespace = 'public'::regnamespace`);
    expect(indexes).not.toEqual([]);
    for (const { name, options } of indexes)
      expect({ name, options }).toEqual({ name, options: ['gin_pending_list_limit=512'] });
  });

  it.each([...SELECTIVE, ...COMMON])('the filter %s reads no table from end to end', async (_name, query) => {
    expect(scans(await planOfList(query()))).toEqual([]);
  });

  it.each(SELECTIVE)(
    'the selective filter %s reads no table from end to end to sort or to count either',
    async (_name, query) => {
      for (const sort of SORTS)
        expect({ sort, scans: scans(await planOfList({ ...query(), sort })) }).toEqual({ sort, scans: [] });
      const [, count] = await statementsOf('/v1/items', { ...query(), count: 'exact' });
      expect(scans(await planOf(count))).toEqual([]);
    },
  );

  it.each(SORTS)('the sort %s costs the same on every page, forward and backward', async (sort) => {
    const first = await planOfList({ sort, limit: '20' });
    expect(scans(first)).toEqual([]);
    let cursor = '';
    let previous = '';
    for (let page = 0; page < 100; page++) {
      const { body } = await api.get('/v1/items', {
        query: { sort, limit: '100', fields: 'id', ...(cursor && { cursor }) },
      });
      ({ next: cursor, previous } = body.page);
    }
    for (const deep of [cursor, previous]) {
      const plan = await planOfList({ sort, limit: '20', cursor: deep });
      expect(scans(plan)).toEqual([]);
      expect(blocks(plan)).toBeLessThan(2 * blocks(first) + 20);
    }
  });

  it.each(['/v1/items/{id}', '/v1/items/by-sku/SKU-7', '/v1/items/batch?ids={id}'])('%s reads one row', async (url) => {
    const [{ id } = { id: '' }] = await api.rows<{ id: string }>(sql`SELECT id FROM items LIMIT 1`);
    const [statement] = await statementsOf(url.replace('{id}', id));
    expect((await planOf(statement)).map((node) => node['Node Type'])).toEqual(['Index Scan']);
  });

  it('asks about every filter and sort that the contract knows', async () => {
    const { body } = await api.get('/openapi.json');
    const { parameters = [] } = (body as OpenApiDocument).paths['/v1/items']?.['get'] ?? {};
    const named = (name: string) => parameters.find((one) => one.name === name);
    const others = ['limit', 'cursor', 'sort', 'fields', 'include', 'count'];
    const inQuery = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    const filters = inQuery.filter((name) => !others.includes(name));
    expect(new Set(SELECTIVE.map(([name]) => name))).toEqual(new Set(filters));
    expect(named('sort')?.schema['enum']).toEqual(SORTS);
  });

  it('would see that an index is lost', async () => {
    await api.rows(sql`DROP INDEX items_search_idx`);
    expect(scans(await planOfList({ q: 'M7' }))).toEqual(['Seq Scan on items']);
  });
});
