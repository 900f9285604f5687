// What is taken from an account is taken everywhere: its tokens stop on every instance within Δ, whoever asks how often.
import { type Account, PASSWORD, TestApi } from '../support/api';

const DELTA_MS = 100;
/** What a request may take on its way. */
const GRACE_MS = 50;
const INSTANCES = 3;

let instances: TestApi[];
let admin: Account;

beforeAll(async () => {
  const first = await TestApi.start({ cacheStalenessMs: DELTA_MS });
  const others = Array.from({ length: INSTANCES - 1 }, () => first.join({ cacheStalenessMs: DELTA_MS }));
  instances = [first, ...(await Promise.all(others))];
  admin = await first.createAccount({ role: 'admin' });
});

afterAll(async () => {
  for (const instance of instances.reverse()) await instance.close();
});

const REVOCATIONS: [name: string, revoke: (account: Account) => Promise<unknown>][] = [
  [
    'a disabled account',
    ({ id }) => instances[0]!.request('PATCH', `/v1/users/${id}`, { as: admin, body: { status: 'disabled' } }),
  ],
  ['a session that was logged out', (as) => instances[0]!.request('POST', '/v1/auth/logout', { as })],
  [
    'an account with another password',
    (as) => {
      const body = { currentPassword: PASSWORD, newPassword: `another ${PASSWORD}` };
      return instances[0]!.request('PUT', '/v1/users/me/password', { as, body });
    },
  ],
  ['a deleted account', ({ id }) => instances[0]!.request('DELETE', `/v1/users/${id}`, { as: admin })],
];

interface Seen {
  readonly askedAt: number;
  readonly status: number;
}

/** Asks one instance without a pause, until it does not know who asks. */
async function askUntilRefused(instance: TestApi, as: Account, url: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (;;) {
    const askedAt = performance.now();
    const { status } = await instance.get(url, { as });
    seen.push({ askedAt, status });
    if (status === 401) return seen;
    // Without this, one process that plays three would only ever answer.
    await new Promise(setImmediate);
  }
}

it.each(REVOCATIONS)('the tokens of %s stop on all instances within Δ', async (_, revoke) => {
  const account = await instances[0]!.createAccount();
  for (const instance of instances) {
    // What becomes known while an answer is made keeps it from being kept.
    await instance.look();
    await instance.get('/v1/users/me', { as: account });
    // The account itself, and nothing to know who asks.
    expect((await instance.get('/v1/users/me', { as: account })).sql).toBe(1);
  }
  const readers = instances.map((instance) => askUntilRefused(instance, account, '/v1/users/me'));
  await revoke(account);
  const revokedAt = performance.now();
  for (const seen of await Promise.all(readers)) {
    const last = seen.findLast(({ status }) => status !== 401);
    expect(last).toBeDefined();
    expect((last as Seen).askedAt - revokedAt).toBeLessThan(DELTA_MS + GRACE_MS);
  }
});
