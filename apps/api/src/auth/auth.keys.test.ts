import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { sql } from '@app/database';
import { Database } from '@app/database';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { type Account, PASSWORD, type Reply, TestApi } from '../../../../test/support/api';
import { createDatabase } from '../../../../test/support/database';
import { startProxy } from '../../../../test/support/proxy';
import { SigningKeysRepository } from '../signing-keys/signing-keys.repository';
import { replaceKeys, rotateKeys } from '../signing-keys/signing-keys.rotation';

const SECRET = 'a secret that is used in tests only, 32 bytes or more';
const OTHER_SECRET = 'another secret that is used in tests, 32 bytes or more';

let api: TestApi;
let other: TestApi;
let rows: SigningKeysRepository;
let ada: Account;

beforeEach(async () => {
  api = await TestApi.start();
  other = await api.join();
  rows = new SigningKeysRepository(new Database(api.app.get(Database).dataSource));
  ada = await api.createAccount();
});
afterEach(async () => {
  await other.close();
  await api.close();
});

const look = (): Promise<unknown> => Promise.all([api.look(), other.look()]);
const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);
const published = async (target = api): Promise<string[]> =>
  (await target.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);
const logIn = async (target = api): Promise<string> =>
  (await target.request('POST', '/v1/auth/login', { body: { email: ada.email, password: PASSWORD } })).body.accessToken;
const me = (token: string, target = api): Promise<Reply> => target.get('/v1/users/me', { as: { ...ada, token } });

/** Moves the times of all keys into the past. */
async function wait(interval: string): Promise<void> {
  await api.rows(
    sql`UPDATE signing_keys SET signs_from = signs_from - ${interval}::interval, ends_at = ends_at - ${interval}::interval`,
  );
  await look();
}

async function rotate(): Promise<string> {
  const id = await rotateKeys(rows, SECRET);
  await look();
  return id;
}

describe('the public keys', () => {
  it('are published for those who verify tokens themselves', async () => {
    const reply = await api.get('/.well-known/jwks.json');
    expect(reply).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'public, max-age=300', etag: expect.any(String) },
    });
    const [jwk] = reply.body.keys;
    expect(jwk).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      kid: kidOf(ada.token),
      alg: 'EdDSA',
      use: 'sig',
    });
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    expect((await jwtVerify(ada.token, key)).payload.sub).toBe(ada.id);
    expect((await api.get('/.well-known/jwks.json')).sql).toBe(0);
  });

  it('are all that is readable of the keys', async () => {
    const { privateKey } = await api.signer();
    const { d = '' } = privateKey.export({ format: 'jwk' });
    const stored = JSON.stringify(await api.rows(sql`SELECT * FROM signing_keys`));
    expect([stored.includes(d), (await api.get('/.well-known/jwks.json')).text.includes(d)]).toEqual([false, false]);
  });

  it('are one, however many instances start at once', async () => {
    const { url, drop } = await createDatabase();
    const instances = await Promise.all(Array.from({ length: 4 }, () => TestApi.on(url)));
    const ids = await Promise.all(instances.map((instance) => published(instance)));
    expect(ids).toEqual(Array(4).fill([expect.any(String)]));
    expect(new Set(ids.flat()).size).toBe(1);
    for (const instance of instances) await instance.close();
    await drop();
  });
});

describe('a rotation', () => {
  it('publishes the new key at once, signs with it ten minutes later, and forgets the old one when its tokens have expired', async () => {
    const old = kidOf(ada.token);
    const next = await rotate();
    expect([await published(), await published(other)]).toEqual(Array(2).fill([next, old]));
    expect([kidOf(await logIn()), kidOf(await logIn(other))]).toEqual([old, old]);

    // Half a minute is left to a busy machine, for which time goes on.
    await wait('9 minutes 30 seconds');
    const last = await logIn();
    expect(kidOf(last)).toBe(old);

    await wait('30 seconds');
    expect([kidOf(await logIn()), kidOf(await logIn(other))]).toEqual([next, next]);
    expect([(await me(last)).status, (await me(last, other)).status, (await me(await logIn())).status]).toEqual([
      200, 200, 200,
    ]);

    await wait('10 minutes 30 seconds');
    expect([(await me(last)).status, await published()]).toEqual([200, [next, old]]);

    await wait('30 seconds');
    expect([(await me(last)).status, (await me(last, other)).status]).toEqual([401, 401]);
    expect(await published()).toEqual([next]);
    await rows.removeEnded();
    expect(await api.rows(sql`SELECT id FROM signing_keys`)).toEqual([{ id: next }]);
    expect((await me(await logIn())).status).toBe(200);
  });

  it('that follows another at once leaves a key to sign with at every moment', async () => {
    const old = kidOf(ada.token);
    await rotate();
    const last = await rotate();
    for (let minute = 0; minute < 25; minute++) {
      expect((await me(await logIn())).status).toBe(200);
      await wait('1 minute');
    }
    expect([kidOf(await logIn()), await published()]).toEqual([last, [last]]);
    expect(last).not.toBe(old);
  });

  it('of a key that somebody else has ends every access token at once, and no session', async () => {
    const { email, password } = ada;
    const { accessToken, refreshToken } = (await api.request('POST', '/v1/auth/login', { body: { email, password } }))
      .body;
    expect([(await me(accessToken)).status, (await me(accessToken, other)).status]).toEqual([200, 200]);
    const next = await replaceKeys(rows, SECRET);
    await look();
    expect([await me(accessToken), await me(accessToken, other)]).toMatchObject([
      { status: 401, sql: 1 },
      { status: 401 },
    ]);
    const reply = await other.request('POST', '/v1/auth/refresh', { body: { refreshToken } });
    expect([reply.status, kidOf(reply.body.accessToken)]).toEqual([200, next]);
    expect((await me(reply.body.accessToken)).status).toBe(200);
  });
});

describe('another secret', () => {
  it('is refused at the start, in one sentence', async () => {
    await expect(api.join({ jwtSecret: OTHER_SECRET })).rejects.toThrow(
      /^JWT_SECRET does not open the signing keys .*\.$/,
    );
  });

  it('can be made the one that counts', async () => {
    await replaceKeys(rows, OTHER_SECRET);
    const fresh = await api.join({ jwtSecret: OTHER_SECRET });
    const token = await logIn(fresh);
    expect((await me(token, fresh)).status).toBe(200);
    await look();
    expect((await me(token)).status).toBe(401);
    await fresh.close();
  });

  it('makes no key that an instance would take, whoever can write to the database', async () => {
    const { id: kid } = await api.signer();
    await api.rows(sql`UPDATE signing_keys SET id = 'forged', ends_at = NULL WHERE id = ${kid}`);
    expect(await published()).toEqual([]);
    expect((await me(ada.token)).status).toBe(401);
  });
});

it('an instance whose database is absent refuses what can’t be a token, and makes its key when the database comes', async () => {
  const { url, drop } = await createDatabase();
  const target = new URL(url);
  const proxy = await startProxy(Number(target.port));
  proxy.refuse();
  target.port = String(proxy.port);
  const late = await TestApi.on(target.href);
  expect((await late.get('/health/live')).status).toBe(200);
  for (const token of ['nonsense', 'a.b.c', 'A'.repeat(64)])
    expect(await me(token, late)).toMatchObject({ status: 401, sql: 0 });
  expect(await me(ada.token, late)).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
  proxy.heal();
  while ((await late.get('/health/ready')).status !== 200) await new Promise(setImmediate);
  while ((await late.get('/.well-known/jwks.json')).body.keys?.length !== 1) await new Promise(setImmediate);
  expect((await me(ada.token, late)).status).toBe(401);
  await late.close();
  await proxy.close();
  await drop();
});
