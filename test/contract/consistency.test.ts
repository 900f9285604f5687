// Consistency-Token on writes: every one gives it, and whoever has it is shown that write by every instance.
import { gzipSync } from 'node:zlib';
import { sql } from '@app/database';
import type { OpenApiDocument } from '@app/http';
import { type Account, type Ask, type Reply, TestApi } from '../support/api';
import { operationsOf } from '../support/sample-requests';
import { NDJSON, type Stage, type Thing, writesOf } from './writes';
import { writesOfFeeds } from './writes.feeds';

const TOKEN = /^[1-9]\d{0,15}$/;

let api: TestApi;
/** Another instance, which would not hear of a change by itself before the test is over. */
let other: TestApi;
let owner: Account;
let admin: Account;
let document: OpenApiDocument;
const stage = { serial: 0 } as Stage;

beforeAll(async () => {
  api = await TestApi.start({ embedded: true });
  other = await api.join({ cacheStalenessMs: 5_000 });
  owner = await api.createAccount();
  admin = await api.createAccount({ role: 'admin' });
  Object.assign(stage, { api, owner, admin });
  document = (await api.get('/openapi.json')).body;
});

afterAll(async () => {
  await other.close();
  await api.close();
});

async function thing(): Promise<Thing> {
  const sku = `SKU-${++stage.serial}`;
  const { body } = await stage.api.request('POST', '/v1/items', { as: stage.owner, body: { sku, name: 'Old' } });
  return { id: body.id, sku, user: await stage.api.createAccount() };
}

/** A new operation without a row fails below. */
const WRITES = { ...writesOf(stage), ...writesOfFeeds(stage) };
const change = (method: string, url: string, body?: unknown, ask: Ask = {}) =>
  api.request(method, url, { as: owner, body, ...ask });
const logIn = ({ email, password }: Account): Promise<Reply> =>
  api.request('POST', '/v1/auth/login', { body: { email, password } });
const create = (sku: string) => ({ op: 'create', item: { sku, name: 'Taken' } });

it('every operation that writes has its row here', () => {
  const writing = operationsOf(document).filter(([, method]) => method !== 'get');
  const named = writing.map(([path, method]) => document.paths[path]?.[method]?.operationId);
  // Asking for a mail changes nothing that anybody could read.
  const mailed = ['requestPasswordReset', 'requestEmailVerification'];
  expect(named.sort()).toEqual([...Object.keys(WRITES), ...mailed].sort());
});

it.each(Object.entries(WRITES))('%s gives a token, with which another instance shows it', async (_, write) => {
  const of = await thing();
  // Known there as it was.
  await other.look();
  const [before, , as] = write.shows(of);
  await other.get(before, as);

  const reply = await write.send(of);
  expect(reply.status).toBeLessThan(300);
  const token = reply.headers['consistency-token'] as string;
  expect(token).toMatch(TOKEN);
  const [url, expected, ask] = write.shows(of, reply);
  expect(await other.get(url, { ...ask, headers: { 'consistency-token': token } })).toMatchObject(expected);
  // And from now on without it.
  expect(await other.get(url, ask)).toMatchObject(expected);
});

it('the token is that of the transaction, also of a part that stays when the rest is refused', async () => {
  const { sku } = await thing();
  const xidOf = async (one: string) =>
    (await api.rows<{ xid: string }>(sql`SELECT xmin::text AS xid FROM items WHERE sku = ${one}`))[0]?.xid;
  const created = await change('POST', '/v1/items', { sku: `${sku}-NEW`, name: 'New' });
  expect(created.headers['consistency-token']).toBe(await xidOf(`${sku}-NEW`));

  const lines = Array.from({ length: 5_000 }, (_, n) => `{"sku":"CUT-${n}","name":"${n * 7919}"}\n`).join('');
  const packed = gzipSync(lines);
  const headers = { ...NDJSON, 'content-encoding': 'gzip' };
  const cut = await change('POST', '/v1/items/import', packed.subarray(0, packed.length / 2), { headers });
  // Two are under way at a time: the last to be committed is not always the last to begin.
  const parts = await api.rows<{ xid: string }>(
    sql`SELECT xmin::text AS xid FROM items WHERE sku LIKE 'CUT-%' GROUP BY xmin::text ORDER BY xmin::text::bigint DESC LIMIT 2`,
  );
  expect(cut.status).toBe(400);
  expect(parts.map(({ xid }) => xid)).toContain(cut.headers['consistency-token']);
});

it.each<[name: string, send: (of: Thing) => Promise<Reply>, status: number]>([
  ['a login that fails', ({ user }) => logIn({ ...user, password: 'wrong' }), 401],
  ['a refusal', ({ sku }) => change('POST', '/v1/items', { sku, name: 'Taken' }), 409],
  ['a batch that is undone', ({ sku }) => change('POST', '/v1/items/batch', { operations: [create(sku)] }), 409],
  ['a read', ({ id }) => api.get(`/v1/items/${id}`), 200],
])('%s gives none', async (_, send, status) => {
  const reply = await send(await thing());
  expect([reply.status, reply.headers['consistency-token']]).toEqual([status, undefined]);
});

it('a repetition under an Idempotency-Key gives the token of the write that it repeats', async () => {
  const { sku } = await thing();
  const send = (target: TestApi) =>
    target.request('POST', '/v1/items', {
      as: owner,
      body: { sku: `${sku}-ONCE`, name: 'New' },
      headers: { 'idempotency-key': sku },
    });
  const url = `/v1/items/by-sku/${sku}-ONCE`;
  expect((await other.get(url)).status).toBe(404);
  const first = await send(api);
  const token = first.headers['consistency-token'];
  expect(token).toMatch(TOKEN);
  expect(await send(api)).toMatchObject({
    status: 201,
    headers: { 'idempotency-replayed': 'true', 'consistency-token': token },
  });
  // Whoever repeats it elsewhere is answered by an instance that shows it.
  expect(await send(other)).toMatchObject({ headers: { 'idempotency-replayed': 'true', 'consistency-token': token } });
  expect((await other.get(url)).status).toBe(200);
});
