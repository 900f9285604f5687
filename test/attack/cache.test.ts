// The answer cache under attack: nobody gets what is another's, nothing unkeyed stays in it, no spelling of a URL confuses it.
import { sql } from '@app/database';
import { v7 as uuidv7 } from 'uuid';
import type { Account } from '../support/api';
import type { RawAnswer } from '../support/raw';
import { attack } from '../support/target';

const USERS = 200;
const MARKER = 'zq7marker';

const scene = attack();

async function createItem(sku: string, name: string, by = scene.owner): Promise<string> {
  const id = uuidv7();
  await scene.target.api.rows(
    sql`INSERT INTO items (id, owner_id, sku, name, description) VALUES (${id}, ${by.id}, ${sku}, ${name}, ${'x'.repeat(1_500)})`,
  );
  return id;
}

it('200 users who read everything at once get no byte of another', async () => {
  const users: { account: Account; canary: string; reads: string[] }[] = [];
  for (let n = 0; n < USERS; n++) {
    const account = await scene.target.api.createAccount();
    const canary = `canary-${n}-end`;
    await scene.target.api.rows(sql`UPDATE users SET display_name = ${canary} WHERE id = ${account.id}`);
    const id = await createItem(canary, canary, account);
    const { id: user } = account;
    const reads = ['users/me', `users/${user}`, `items/${id}`, `items/by-sku/${canary}`, `items/batch?ids=${id}`];
    reads.push(`items?ownerId=${user}&include=owner`, `items?q="${canary}"`, `items/export?ownerId=${user}`);
    users.push({ account, canary, reads });
  }
  let answers = 0;
  const read = async ({ account, canary, reads }: (typeof users)[number]) => {
    for (const path of reads) {
      const ask = () => scene.target.ask('GET', `/v1/${path}`, { as: account });
      let answer = await ask();
      // Exports are few at a time.
      if (path.includes('export') && answer.status === 503) continue;
      // So many callers may be too many for a moment.
      while (answer.status === 503) answer = await ask();
      answers++;
      expect({ path, status: answer.status, seen: [...new Set(answer.text.match(/canary-\d+-end/g))] }).toEqual({
        path,
        status: 200,
        seen: [canary],
      });
    }
  };
  for (let round = 0; round < 2; round++) await Promise.all(users.map(read));
  expect(answers).toBeGreaterThan(USERS * 7 * 2);
}, 60_000);

const UNKEYED = `X-Forwarded-Host X-Forwarded-For X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Path
  X-Forwarded-Server X-Forwarded-Scheme X-Forwarded-SSL X-Forwarded-User X-Forwarded-By X-Host X-HTTP-Host-Override
  Forwarded X-Original-URL X-Original-Host X-Original-URI X-Rewrite-URL X-HTTP-Method-Override X-HTTP-Method
  X-Method-Override X-Real-IP X-Client-IP X-Cluster-Client-IP True-Client-IP CF-Connecting-IP Fastly-Client-IP Via
  Accept-Language Accept-Charset Accept-Encoding Accept Accept-Datetime Cookie Authorization Proxy-Authorization Origin
  Referer User-Agent X-Requested-With X-Api-Version X-Wap-Profile X-Correlation-Id X-Trace-Id Traceparent Tracestate
  Baggage X-Request-Id If-None-Match If-Match If-Modified-Since If-Unmodified-Since If-Range Range Cache-Control Pragma
  Content-Type Content-Language Consistency-Token Idempotency-Key Prefer Save-Data DNT TE Max-Forwards From Date
  Surrogate-Capability X-Timer`.split(/\s+/);

describe('what is said beside the URL', () => {
  it('has as many names as are promised', () => expect(new Set(UNKEYED).size).toBeGreaterThanOrEqual(60));

  it.each(UNKEYED)('%s leaves nothing behind', async (name) => {
    const id = await createItem(`sku-${name}`, 'Plain');
    for (const path of [`items/${id}`, `items/by-sku/sku-${name}`, `items?sku=sku-${name}&include=owner`]) {
      const value = name === 'X-Forwarded-Proto' ? 'https' : MARKER;
      const request = `GET /v1/${path} HTTP/1.1\r\nHost: a\r\n${name}: ${value}\r\n\r\n`;
      const [first] = (await scene.target.write(request, 1)) as [RawAnswer];
      expect([200, 304, 400, 406]).toContain(first.status);
      // What was changed just before is dropped a little later: so until the answer comes from memory.
      for (let isKept = false; !isKept;) {
        const { status, headers, text } = await scene.target.ask('GET', `/v1/${path}`);
        expect(status).toBe(200);
        expect(JSON.stringify([...headers]) + text).not.toContain(MARKER);
        expect(headers.get('strict-transport-security')).toBeNull();
        if (first.status === 200) expect(Buffer.from(text).toString('latin1')).toBe(first.body);
        isKept = headers.get('cache-status') === 'floodgate; hit';
      }
    }
  });
});

/** Asked for as it stands, which no client of ours would let through. */
async function get(path: string, method = 'GET', more = ''): Promise<RawAnswer> {
  const request = `${method} ${path} HTTP/1.1\r\nHost: a\r\n${more}Connection: close\r\n\r\n`;
  const [answer] = await scene.target.write(request);
  return answer as RawAnswer;
}

describe('a URL', () => {
  let id: string;
  beforeAll(async () => void (id = await createItem('Spelt', 'Spelt')));

  const same = 200;
  it.each<[spelling: string, status: number | number[]]>([
    ['/v1/items/{id}?', same],
    ['/v1/items/{ID}', same],
    ['/v1/items/{%id}', same],
    ['http://elsewhere.example/v1/items/{id}', same],
    ['/%761/items/{id}', [200, 404]],
    ['/v1/items/./{id}', 404],
    ['/v1/items/%2e/{id}', 404],
    ['/v1/items/x/../{id}', 404],
    ['/v1/items/x/%2e%2e/{id}', 404],
    ['/v1/items/..%2f{id}', [400, 404]],
    ['/v1/../v1/items/{id}', 404],
    ['//v1/items/{id}', 404],
    ['/v1//items/{id}', 404],
    ['/v1/items//{id}', 404],
    ['/v1/items/{id}/', 404],
    ['/v1/items/{id}//', 404],
    ['/v1/items/{id}/.', 404],
    ['/v1/items/{id}.', 400],
    ['/v1/items/{id}.json', 400],
    ['/v1/items/{id};a=b', 400],
    ['/v1/items;a=b/{id}', 404],
    ['/v1/items/{id}%00', 400],
    ['/v1/items/{id}%0d%0aX:%20y', 400],
    ['/v1/items/{id}%3fx=1', 400],
    ['/v1/items/{id}%23', 400],
    ['/v1/items/{id}#x', 400],
    ['/v1/items/{id}\\', 400],
    ['/v1/items\\{id}', 404],
    ['/V1/items/{id}', 404],
    ['/v1/items/{id}?x=1', 400],
    ['/v1/items/{id}?cb=%00', 400],
    ['/v1/items/{id}&x=1', 400],
    ['/v1/items/{id}%', 400],
    ['/v1/items/%c0%ae%c0%ae/{id}', [400, 404]],
  ])('%s is refused, or means the same', async (spelling, status) => {
    const encoded = [...id].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('');
    const path = spelling.replace('{id}', id).replace('{ID}', id.toUpperCase()).replace('{%id}', encoded);
    const plain = await get(`/v1/items/${id}`);
    for (let time = 0; time < 3; time++) {
      const answer = await get(path);
      expect([status].flat()).toContain(answer.status);
      if (answer.status === 200) expect(answer.body).toBe(plain.body);
      expect(await get(`/v1/items/${id}`)).toMatchObject({ status: 200, body: plain.body });
    }
  });

  it('asked for with HEAD first, or in part, is whole for the next', async () => {
    for (const [method, more] of [
      ['HEAD', ''],
      ['GET', 'Range: bytes=0-1\r\n'],
      ['GET', 'If-None-Match: *\r\n'],
    ] as const) {
      const fresh = await createItem(`whole-${method}${more.slice(0, 5)}`, 'Whole');
      await get(`/v1/items/${fresh}`, method, more);
      for (let again = 0; again < 2; again++) {
        const answer = await get(`/v1/items/${fresh}`);
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.body)).toMatchObject({ id: fresh });
      }
    }
  });
});

describe('the links of a list', () => {
  it.each<[spelling: string, status: number]>([
    ['http://elsewhere.example/v1/items?{query}', 200],
    ['HTTPS://elsewhere.example:8080/v1/items?{query}', 200],
    ['http://elsewhere.example?/v1/items?{query}', 302],
    ['*v1/items?{query}', 404],
    ['/v1/items#{query}', 400],
    ['/v1/items?{query}#x', 400],
  ])('are those of everybody after %s', async (spelling, status) => {
    const owner = await scene.target.api.createAccount();
    for (const sku of ['a', 'b']) await createItem(`link-${sku}-${owner.id}`, 'Linked', owner);
    const query = `limit=1&ownerId=${owner.id}`;
    const path = spelling.replace('{query}', query);
    // Until it comes from memory: so does what the first of all has left there.
    for (let isKept = false; !isKept;) {
      expect(await get(path)).toMatchObject({ status });
      const { headers } = await get(`/v1/items?${query}`);
      expect(headers['link']).toMatch(
        /^<\/v1\/items\?[^,]*>; rel="first", <\/v1\/items\?[^,]*&cursor=[^,]*>; rel="next"$/,
      );
      isKept = headers['cache-status'] === 'floodgate; hit';
    }
  });
});
