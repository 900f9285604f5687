import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Database, sql } from '@app/database';
import { UPLOAD_LIMITS } from '@app/http';
import { Client } from 'pg';
import { type Account, type Reply, TestApi } from '../../../../test/support/api';

let api: TestApi;
let owner: Account;
let port: number;

const NDJSON = 'application/x-ndjson';

const importing = (body: string | Buffer, type = NDJSON, headers: Record<string, string> = {}): Promise<Reply> =>
  api.request('POST', '/v1/items/import', { as: owner, headers: { 'content-type': type, ...headers }, body });

const linesOf = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `{"sku":"${prefix}-${n}","name":"Lamp ${n * 7919}"}\n`).join('');

/** A request over a real connection, whose body is still to be sent. */
function connect(
  headers: Record<string, string | number> = {},
  as = owner,
): {
  client: ClientRequest;
  answer: Promise<{ status?: number; body: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
} {
  const path = '/v1/items/import';
  const client = request({
    port,
    path,
    method: 'POST',
    headers: { authorization: `Bearer ${as.token}`, 'content-type': NDJSON, ...headers },
  });
  const answer = new Promise<{ status?: number; body: unknown }>((resolve, reject) => {
    client.on('error', reject).on('response', (response) => {
      let text = '';
      response
        .on('data', (part) => (text += part))
        .on('end', () => {
          resolve({ status: response.statusCode, body: JSON.parse(text) });
        });
    });
  });
  answer.catch(() => undefined);
  return { client, answer };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const isStored = async (sku: string) => (await api.rows(sql`SELECT 1 FROM items WHERE sku = ${sku}`)).length > 0;

beforeAll(async () => {
  api = await TestApi.start();
  owner = await api.createAccount();
  await api.app.listen(0, '127.0.0.1');
  port = (api.app.getHttpServer().address() as AddressInfo).port;
});

afterAll(() => api.close());

it('reads CSV', async () => {
  const csv = [
    'sku,name,description,price,currency,stock,tags,attributes,version',
    'csv-1,Lamp,,,,,,,',
    'csv-2,"A ""big"" lamp","two\nlines",1999,EUR,5,a|b c |a,"{""watts"":60}",7',
    'csv-3,Lamp,"",,,,"[""a|b""]",,',
    'csv-4,Lamp,,12.5,EUR,,,,',
    'csv-5,Lamp,,,,,[a,{a},',
    'csv-6,Lamp',
  ].join('\r\n');
  const { body } = await importing(csv, 'text/csv; charset=utf-8');
  expect(body).toMatchObject({ received: 6, created: 3, rejected: 3 });
  expect(body.errors).toMatchObject([
    { line: 6, code: 'wrong_type', pointer: '/price' },
    { line: 7, code: 'wrong_type', pointer: '/tags' },
    { line: 7, code: 'wrong_type', pointer: '/attributes' },
    { line: 8, code: 'wrong_cell_count' },
  ]);
  const items = await Promise.all([2, 3].map(async (n) => (await api.get(`/v1/items/by-sku/csv-${n}`)).body));
  expect(items).toMatchObject([
    { name: 'A "big" lamp', description: 'two\nlines', price: 1999, stock: 5, tags: ['a', 'b c'], version: 1 },
    { description: '', price: null, tags: ['a|b'] },
  ]);
  expect(items[0].attributes).toEqual({ watts: 60 });
});

it('unpacks gzip', async () => {
  const packed = gzipSync(linesOf('gz', 3));
  expect((await importing(packed, NDJSON, { 'content-encoding': 'gzip' })).body).toMatchObject({ created: 3 });
});

it.each<[string, () => [string | Buffer, string?, Record<string, string>?], object]>([
  ['an empty body', () => [''], { code: 'malformed_body', detail: 'The body is empty.' }],
  ['an empty gzip', () => [gzipSync(''), NDJSON, GZIP], { code: 'malformed_body', detail: 'The body is empty.' }],
  ['no gzip', () => [linesOf('x', 9), NDJSON, GZIP], { code: 'malformed_body', detail: 'The gzip is corrupt.' }],
  ['a gzip bomb', () => [BOMB, NDJSON, GZIP], { code: 'body_too_large', detail: expect.stringMatching(/104857600/) }],
  [
    'another encoding',
    () => [linesOf('x', 1), NDJSON, { 'content-encoding': 'br' }],
    { code: 'unsupported_media_type' },
  ],
  ['JSON', () => ['{}', 'application/json'], { code: 'unsupported_media_type' }],
  ['an unknown column', () => ['sku,name,colour\n', 'text/csv'], { detail: expect.stringContaining('"colour"') }],
  ['a body that says it is too long', () => ['{}', NDJSON, { 'content-length': '104857601' }], { status: 413 }],
])('refuses %s', async (_, ask, problem) => {
  expect((await importing(...ask())).body).toMatchObject(problem);
});

const GZIP = { 'content-encoding': 'gzip' };
const BOMB = gzipSync(Buffer.alloc(UPLOAD_LIMITS.maxBytes + 1));

it('says what is in when the rest does not come', async () => {
  const packed = gzipSync(linesOf('cut', 5_000));
  const { status, body } = await importing(packed.subarray(0, packed.length / 2), NDJSON, GZIP);
  expect({ status, ...body }).toMatchObject({ status: 400, code: 'malformed_body' });
  const [, created] = /^The gzip is cut short\. Until then (\d+) items were created/.exec(body.detail) ?? [];
  const [stored] = await api.rows<{ count: number }>(sql`SELECT count(*) FROM items WHERE sku LIKE 'cut-%'`);
  expect(stored?.count).toBe(Number(created));
  expect(Number(created)).toBeGreaterThan(0);
});

it('a refusal reaches a client that goes on sending, and leaves the connection fit for more', async () => {
  const bytes = UPLOAD_LIMITS.maxBytes + 10_000_000;
  const socket = connectSocket(port, '127.0.0.1');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
  socket.write(`POST /v1/items/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${owner.token}\r\n`);
  socket.write(`content-type: ${NDJSON}\r\ntransfer-encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n`);
  for (let sent = 0; sent < bytes; sent += 1_000_000)
    if (!socket.write(Buffer.alloc(Math.min(1_000_000, bytes - sent), ' '))) await once(socket, 'drain');
  socket.write('\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await once(socket, 'close');
  expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
});

it('takes two at once, and none while both are silent', async () => {
  const two = [connect(), connect({}, await api.createAccount())];
  for (const [n, { client }] of two.entries()) client.write(linesOf(`two${n}`, 1_000));
  await until(async () => (await isStored('two0-999')) && (await isStored('two1-999')));
  expect(await importing(linesOf('x', 1))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { code: 'busy' },
  });
  two[0]?.client.end();
  expect(await two[0]?.answer).toMatchObject({ status: 200, body: { created: 1_000 } });
  two[1]?.client.destroy();
  await until(async () => (await importing(linesOf('y', 1))).status === 200);
});

it('takes one at once of an account, and others of others', async () => {
  const { client, answer } = connect();
  client.write(linesOf('one', 1_000));
  await until(() => isStored('one-999'));
  const refused = await importing(linesOf('more', 1));
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { code: 'busy' } });
  expect(refused.body.detail).toContain('This account');
  const as = await api.createAccount();
  const ask = { as, headers: { 'content-type': NDJSON }, body: linesOf('theirs', 1) };
  expect((await api.request('POST', '/v1/items/import', ask)).status).toBe(200);
  client.end();
  expect(await answer).toMatchObject({ status: 200, body: { created: 1_000 } });
  expect((await importing(linesOf('more', 1))).status).toBe(200);
});

it('takes one of two that an account sends in the same moment', async () => {
  const two = [connect(), connect()];
  for (const [n, { client }] of two.entries()) client.write(linesOf(`twin${n}`, 1));
  const refused = await Promise.race(two.map(({ answer }) => answer));
  expect(refused).toMatchObject({ status: 503, body: { code: 'busy' } });
  for (const { client } of two) client.end();
  const answers = await Promise.all(two.map(({ answer }) => answer));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
});

it('stops when the client is gone, and gives its connection back', async () => {
  const { client } = connect({ 'content-length': 100_000_000 });
  client.write(linesOf('gone', 2_500));
  await until(() => isStored('gone-999'));
  client.destroy();
  const database = api.app.get(Database);
  await until(() => database.poolState().idle === database.poolState().total);
  await until(async () => (await importing(linesOf('z', 1))).status === 200);
});

it('does not wait for ever for the next part', async () => {
  const limits = UPLOAD_LIMITS as { silenceMs: number };
  const { silenceMs } = limits;
  limits.silenceMs = 50;
  const { client, answer } = connect();
  client.write('{"sku":');
  expect(await answer).toMatchObject({ status: 408, body: { code: 'request_timeout' } });
  client.destroy();
  limits.silenceMs = silenceMs;
});

it('closes also while the table can not be settled', async () => {
  const other = await api.join();
  const lock = new Client({ connectionString: api.databaseUrl });
  await lock.connect();
  await lock.query('BEGIN; LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE');
  const ask = { as: owner, headers: { 'content-type': NDJSON }, body: linesOf('settled', 5_000) };
  expect((await other.request('POST', '/v1/items/import', ask)).body).toMatchObject({ created: 5_000 });
  await other.close();
  await lock.end();
});
