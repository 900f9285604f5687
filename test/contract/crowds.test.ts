// Many at once: a cold key is asked for once, and nobody ever gets a byte that was meant for somebody else.
import { sql } from '@app/database';
import { type Answer, headerOf } from '../coherence/answers';
import { Connection, type Request } from '../coherence/connection';
import { type Account, TestApi } from '../support/api';
import { Wire } from '../support/wire';

/** So many that none has more requests waiting than a connection may. */
const CONNECTIONS = 200;
const ANSWERS = Number(process.env['CROWD_ANSWERS'] ?? 10_000);
const WAVE = 2_000;
const USERS = 200;
/** For a wave: whoever asks and all that are asked share a thread. */
const PATIENCE_MS = 30_000;

let instances: TestApi[];
let ports: number[];
let owner: Account;
let ids: string[];

beforeAll(async () => {
  const first = await TestApi.start();
  instances = [first, await first.join(), await first.join()];
  ports = await Promise.all(instances.map(async (api) => (await Wire.open(api)).port));
  owner = await first.createAccount();
  const operations = Array.from({ length: 50 }, (_, n) => ({ op: 'create', item: { sku: `C-${n}`, name: `C ${n}` } }));
  const { body } = await first.request('POST', '/v1/items/batch', { as: owner, body: { operations } });
  ids = body.results.map((result: { item: { id: string } }) => result.item.id);
}, 60_000);

afterAll(async () => {
  for (const api of [...instances].reverse()) await api.close();
});

/** In waves, so that none waits for long. */
async function askInWaves(requests: readonly Request[], onPorts: readonly number[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < requests.length)
    answers.push(...(await askAll(requests.slice(answers.length, answers.length + WAVE), onPorts)));
  return answers;
}

/** Spread over connections, all in flight together. */
async function askAll(requests: readonly Request[], onPorts: readonly number[]): Promise<Answer[]> {
  const connections = Array.from(
    { length: CONNECTIONS },
    (_, n) => new Connection(onPorts[n % onPorts.length] as number, PATIENCE_MS),
  );
  const answers = new Array<Answer>(requests.length);
  await Promise.all(
    connections.map((connection, n) => {
      const own = requests.map((request, at) => ({ request, at })).filter(({ at }) => at % CONNECTIONS === n);
      let left = own.length;
      return new Promise<void>((resolve, reject) => {
        connection.send(
          own.map(({ request }) => request),
          ({ answer, loss }, _, index) => {
            if (!answer) return reject(new Error(`A request was lost: ${loss}`));
            answers[own[index]?.at as number] = { ...answer, body: Buffer.from(answer.body) };
            if (--left === 0) resolve();
          },
        );
        if (left === 0) resolve();
      });
    }),
  );
  for (const connection of connections) connection.close();
  return answers;
}

describe.each([
  [1, 'one instance'],
  [3, 'three instances'],
])('5,000 requests for a cold key on %i', (count) => {
  it.each(['/v1/items/{id}', '/v1/items/by-sku/C-7', '/v1/items?sku=C-7', '/v1/users/{owner}'])(
    '%s: at most a query for each instance',
    async (template) => {
      for (const api of instances) await api.forget();
      for (const api of instances) await api.look();
      const path = template.replace('{id}', ids[7] as string).replace('{owner}', owner.id);
      const counters = instances.map((api) => api.countStatements());
      const answers = await askAll(Array<Request>(5_000).fill({ method: 'GET', path }), ports.slice(0, count));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
      const statements = counters.map((statementsOf) => statementsOf());
      expect(statements.reduce((sum, one) => sum + one, 0)).toBe(count);
    },
  );
});

it(`${USERS} people read everything at once, and get only what is theirs`, async () => {
  const [api] = instances as [TestApi];
  const names = Array.from({ length: USERS }, (_, n) => `canary-${n}-`);
  const people: Account[] = [];
  for (const name of names) people.push(await api.createAccount({ email: `${name}x@test.example` }));
  await api.rows(sql`UPDATE users SET display_name = 'Mr ' || split_part(email, 'x@', 1) WHERE email LIKE 'canary-%'`);
  const paths = [
    '/v1/users/me',
    `/v1/items/${ids[0]}`,
    `/v1/items/${ids[1]}`,
    '/v1/items?limit=5',
    '/v1/items/by-sku/C-3',
    '/nowhere',
  ];
  const requests = Array.from({ length: ANSWERS }, (_, at): Request => {
    const n = at % USERS;
    const headers = {
      authorization: `Bearer ${people[n]?.token}`,
      'x-request-id': `${names[n]}${at}`,
      cookie: `who=${names[n]}`,
      'user-agent': names[n] as string,
    };
    const path = (n % 7 === 0 ? `/v1/users/${people[n]?.id}` : paths[Math.floor(at / 3) % paths.length]) as string;
    return { method: 'GET', path, headers };
  });
  const answers = await askInWaves(requests, ports);
  let foreign = 0;
  answers.forEach((answer, at) => {
    const own = names[at % USERS] as string;
    const text = `${answer.head}\n${answer.body.toString()}`;
    foreign += (text.match(/canary-\d+-/g) ?? []).filter((canary) => canary !== own).length;
    if (headerOf(answer, 'x-request-id') !== `${own}${at}`) foreign++;
    // Too many at once may be refused, each by name.
    const isOwn = requests[at]?.path === '/v1/users/me' && answer.status === 200;
    if (isOwn && !text.includes(people[at % USERS]?.email as string)) foreign++;
  });
  expect(answers).toHaveLength(ANSWERS);
  expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(1);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(ANSWERS / 2);
  expect(foreign).toBe(0);
}, 180_000);

const UNKEYED =
  `x-forwarded-host x-forwarded-for x-forwarded-scheme x-forwarded-prefix x-forwarded-port x-forwarded-server x-forwarded-proto
  forwarded x-host x-original-url x-original-host x-rewrite-url x-http-method-override x-http-method x-method-override x-real-ip
  x-client-ip true-client-ip cf-connecting-ip fastly-client-ip x-cluster-client-ip x-originating-ip x-remote-ip x-remote-addr
  x-wap-profile x-scheme x-url-scheme front-end-https x-ssl x-proxy-user x-user x-user-id x-tenant x-api-version accept-language
  accept-charset user-agent referer origin cookie authorization via x-requested-with x-correlation-id traceparent tracestate
  baggage x-b3-traceid dnt save-data sec-ch-ua sec-fetch-site x-csrf-token x-api-key cache-control pragma range if-range
  if-modified-since if-unmodified-since te x-amz-cf-id x-timer`.split(/\s+/);

it(`${UNKEYED.length} headers that are no part of the question leave no trace in what others get`, async () => {
  expect(UNKEYED.length).toBeGreaterThanOrEqual(60);
  const [api] = instances as [TestApi];
  const wire = await Wire.open(api);
  const marker = 'marker-7f3a';
  for (const path of [`/v1/items/${ids[0]}`, '/v1/items?limit=3', `/v1/users/${owner.id}`, '/v1/items/by-sku/NONE']) {
    const { status, text } = await wire.get(path);
    for (const name of UNKEYED) {
      await api.forget();
      await wire.get(path, { [name]: name === 'range' ? 'bytes=0-0' : `${marker}.example` });
      const clean = await wire.get(path);
      const said = `${JSON.stringify(clean.headers)} ${clean.text.replace(/"instance":"[^"]*"/, '')}`;
      expect({ path, name, status: clean.status, isMarked: said.includes(marker) }).toEqual({
        path,
        name,
        status,
        isMarked: false,
      });
      if (status === 200) expect(clean.text).toBe(text);
    }
  }
  wire.close();
}, 60_000);
