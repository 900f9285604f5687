// Who has guessed too often is told so even while nobody's password can be checked: he takes no place in the queue, and learns nothing of it.
import { PASSWORD, type Reply, TestApi } from '../support/api';

/** Passwords are compared while this is open. */
const comparing = { open: (): void => undefined, opened: Promise.resolve() };
jest.mock('@node-rs/argon2', () => {
  const real = jest.requireActual<typeof import('@node-rs/argon2')>('@node-rs/argon2');
  const verify: typeof real.verify = (...given) => comparing.opened.then(() => real.verify(...given));
  return { ...real, verify };
});

const OWNER = '198.51.100.1';
const STRANGER = '198.51.100.2';
const GUESSES = 7;
const LOGINS_A_MINUTE = 10;
/** Compared at once, and waiting. */
const PLACES = 52;

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ rateLimitLogins: LOGINS_A_MINUTE, trustProxy: ['127.0.0.1'] });
});
afterAll(() => api.close());

const logIn = (address: string, email: string, password = 'a wrong one'): Promise<Reply> =>
  api.request('POST', '/v1/auth/login', { headers: { 'x-forwarded-for': address }, body: { email, password } });

/** Fills the queue, and empties it again once the work is done. */
async function whileFull<T>(work: () => Promise<T>): Promise<T> {
  comparing.opened = new Promise((resolve) => (comparing.open = resolve));
  const queue = Array.from({ length: PLACES }, (_, n) => logIn(`203.0.113.${n}`, `nobody-${n}@guesses.example`));
  try {
    // One more finds no place, so that the others must have theirs.
    expect((await logIn('203.0.113.100', 'nobody@guesses.example')).body.code).toBe('busy');
    return await work();
  } finally {
    comparing.open();
    expect((await Promise.all(queue)).map(({ status }) => status)).toEqual(Array(PLACES).fill(401));
  }
}

it('a stranger who has guessed too often is refused for that, and the owner alone for the queue', async () => {
  const { email } = await api.createAccount();
  expect((await logIn(OWNER, email, PASSWORD)).status).toBe(200);
  for (let n = 0; n < GUESSES; n++) expect((await logIn(STRANGER, email)).status).toBe(401);
  const [stranger, elsewhere, owner] = await whileFull(() =>
    Promise.all([logIn(STRANGER, email), logIn('198.51.100.3', email, PASSWORD), logIn(OWNER, email, PASSWORD)]),
  );
  for (const { status, headers } of [stranger, elsewhere])
    expect([status, headers['ratelimit-policy']]).toEqual([429, '"guess";q=10;w=900']);
  expect([owner.status, owner.body.code]).toEqual([503, 'busy']);
  expect((await logIn(OWNER, email, PASSWORD)).status).toBe(200);
});

it('an address that has used up its logins is refused for that', async () => {
  const address = '198.51.100.4';
  for (let n = 0; n < LOGINS_A_MINUTE; n++) await logIn(address, `nobody-${n}@guesses.example`);
  const { status, headers } = await whileFull(() => logIn(address, 'nobody@guesses.example'));
  expect([status, headers['ratelimit-policy']]).toEqual([429, '"credentials";q=10;w=60']);
});
