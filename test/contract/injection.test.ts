// Puts hostile values into every parameter and every field of every operation: no 5xx, no word of SQL, nothing else touched.
import { sql } from '@app/database';
import type { OpenApiDocument } from '@app/http';
import { demoItems } from '../../apps/api/src/items/items.demo';
import { DEMO_USER } from '../../apps/api/src/users/users.demo';
import { type Account, type Ask, TestApi } from '../support/api';
import { digestOf, expectNoLeak } from '../support/refusal';
import { operationsOf, requestsWith, type SampleRequest } from '../support/sample-requests';

const SQL = [
  `' OR '1'='1' --`,
  `'; DELETE FROM items; DROP TABLE users; --`,
  `1); DELETE FROM items; --`,
  `'||pg_sleep(5)||'`,
  `\\'; TRUNCATE items, users; --`,
  `$1`,
];
const ODD = [null, 1e308, { $ne: null }, [[]], 'a\0b', '\ud800', 'x'.repeat(9_000)];

describe('hostile values', () => {
  let api: TestApi;
  let caller: Account;
  let document: OpenApiDocument;
  let stored: object;
  const items = [...demoItems(10)];

  beforeAll(async () => {
    api = await TestApi.start();
    document = (await api.get('/openapi.json')).body;
    caller = await api.createAccount({ role: 'admin' });
    await api.rows(
      sql`INSERT INTO users (id, email, display_name) VALUES (${DEMO_USER.id}, ${DEMO_USER.email}, 'Demo')`,
    );
    for (const [n, { id, sku, name }] of items.entries())
      await api.rows(sql`INSERT INTO items (id, owner_id, sku, name)
        VALUES (${id}, ${n === 0 ? caller.id : DEMO_USER.id}, ${sku}, ${name})`);
    stored = await digestOf(api);
  });

  afterAll(() => api.close());

  /** The rows that no request is about. */
  const bystanders = () =>
    api.rows(
      sql`SELECT md5(string_agg(t::text, '' ORDER BY id)) AS items FROM items AS t WHERE owner_id = ${DEMO_USER.id}`,
    );

  async function survives({ place, method, url, ...ask }: SampleRequest, value: unknown): Promise<void> {
    const reply = await api.request(method, url, { as: caller, ...ask });
    const what = { method, url, place, answer: reply.text.slice(0, 300) };
    expect({ ...what, isFailure: reply.status >= 500 }).toEqual({ ...what, isFailure: false });
    const before = stored;
    stored = await digestOf(api);
    if (reply.status < 400) return;
    expect({ ...what, stored }).toEqual({ ...what, stored: before });
    expectNoLeak(reply, String(value));
  }

  const requests = (value: unknown): SampleRequest[] =>
    operationsOf(document).flatMap(([path, method]) => requestsWith(document, path, method, value));

  it.each(SQL)('in SQL: %s', async (value) => {
    const before = await bystanders();
    const all = requests(value);
    for (const one of all) await survives(one, value);
    expect(await bystanders()).toEqual(before);
    expect(all.length).toBeGreaterThan(150);
  });

  it.each(ODD)('of another kind: %.40j', async (value) => {
    const isPlain = ({ place }: SampleRequest) => /^(body|query)/.test(place);
    for (const one of requests(value).filter(isPlain)) await survives(one, value);
  });

  it('are kept as they came where they are allowed', async () => {
    for (const [n, value] of SQL.entries()) {
      const body = { sku: `${value.slice(0, 50)} ${n}`, name: value, tags: [value], attributes: { [value]: value } };
      const created = await api.request('POST', '/v1/items', { as: caller, body });
      expect(created).toMatchObject({ status: 201, body });
      const queries: Ask['query'][] = [
        { tag: value },
        { sku: body.sku },
        { attr: `${value}:${value}` },
        { q: body.sku, tag: value },
      ];
      for (const query of queries) {
        const found: { id: string }[] = (await api.get('/v1/items', { query })).body.data;
        expect(found.map(({ id }) => id)).toContain(created.body.id);
      }
    }
  });
});
