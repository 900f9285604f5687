import { redact } from './redact';

const canary = 'canary-7f3a9c';
const wire = (value: unknown) => JSON.stringify(redact(value));

const secretKeys = [
  ...['authorization', 'Authorization', 'proxy-authorization', 'cookie', 'Cookie', 'set-cookie'],
  ...['password', 'currentPassword', 'newPassword', 'passwordHash', 'ADMIN_PASSWORD', 'PGPASSWORD'],
  ...['token', 'accessToken', 'access_token', 'refreshToken', 'refresh_token', 'idempotency-key', 'Idempotency-Key'],
  ...['secret', 'jwtSecret', 'JWT_SECRET', 'client_secret', 'apiKey', 'x-api-key', 'privateKey', 'credentials'],
  ...['databaseUrl', 'DATABASE_URL', 'redisUrl', 'REDIS_URL', 'parameters', 'rawHeaders'],
];

const nested: [string, (inner: object) => unknown][] = [
  ['at the top', (inner) => inner],
  ['two deep', (inner) => ({ request: { headers: inner } })],
  ['five deep', (inner) => ({ a: { b: { c: { d: inner } } } })],
  ['far deeper than is logged', (inner) => ({ a: { b: { c: { d: { e: { f: { g: { h: { i: inner } } } } } } } } })],
  ['in a list', (inner) => [{ items: [inner] }]],
  ['on an error', (inner) => Object.assign(new Error('failed'), inner)],
  ['in the cause of a cause', (inner) => new Error('a', { cause: new Error('b', { cause: inner }) })],
  ['in an aggregate', (inner) => new AggregateError([Object.assign(new Error('a'), inner)], 'all failed')],
];

describe.each(nested)('%s', (_, wrap) => {
  test.each(secretKeys)('%s is hidden, whatever it holds', (key) => {
    for (const value of [canary, [canary], { raw: canary }]) {
      expect(wire(wrap({ [key]: value }))).not.toContain(canary);
    }
  });
});

const texts = [
  `connect ECONNREFUSED postgres://floodgate:${canary}@db:5432/catalogue`,
  `two: redis://:${canary}@cache and amqp://u:${canary}@queue`,
  `an @ and a / in it: postgres://user:p@${canary}/x@db/catalogue`,
  `quoted "postgres://user:a"${canary}@db" in a sentence`,
  `GET https://shop.example/reset?token=${canary}&page=2 failed`,
  `no connection: host=db password=${canary} user=floodgate`,
  `refused header Authorization: Bearer ${canary}`,
];

test.each(texts)('credentials inside a text are hidden: %s', (text) => {
  expect(wire(text)).toContain('[redacted]');
  expect(wire({ deep: [new Error('outer', { cause: new Error(text) })] })).not.toContain(canary);
});

test('a URL object keeps its host and loses its password', () => {
  expect(redact(new URL(`https://user:${canary}@shop.example/feed`))).toBe('https://[redacted]@shop.example/feed');
});

test.each([
  'http://localhost:3000/docs is ready, write to a@b.example',
  'at file:///srv/node_modules/@nestjs/core/router.js:10:5',
  'password authentication failed for user "floodgate"',
])('a harmless text stays as it is: %s', (text) => {
  expect(redact(text)).toBe(text);
});

test('an error of a statement tells the statement and its names, never values', () => {
  const driverError = Object.assign(new Error('null value in column "name" violates not-null constraint'), {
    ...{ code: '23502', table: 'users', column: 'name', detail: `Failing row contains (${canary})`, where: canary },
  });
  const queryFailed = Object.assign(new Error(driverError.message, { cause: driverError }), driverError, {
    ...{ query: 'INSERT INTO users VALUES ($1)', parameters: [canary], driverError, internalQuery: canary },
  });
  const redacted = redact(queryFailed);
  expect(redacted).toMatchObject({ code: '23502', table: 'users', query: 'INSERT INTO users VALUES ($1)' });
  expect(redacted).toMatchObject({ message: driverError.message, cause: { code: '23502' } });
  expect(JSON.stringify(redacted)).not.toContain(canary);
});

test('a value that PostgreSQL quotes in a data exception is hidden, in the stack too', () => {
  const error = Object.assign(new Error(`invalid input syntax for type integer: "${canary}"`), { code: '22P02' });
  expect(redact(error)).toMatchObject({ message: 'invalid input syntax for type integer: "…"', code: '22P02' });
  expect(wire(error)).not.toContain(canary);
});

test('an error is told with type, stack and causes', () => {
  const redacted = redact(new TypeError('outer', { cause: new RangeError('inner') }));
  expect(redacted).toMatchObject({ type: 'TypeError', message: 'outer', cause: { type: 'RangeError' } });
  expect((redacted as { stack: string }).stack).toContain('redact.spec');
});

test('anything can be logged: cycles, huge and hostile values', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle['self'] = cycle;
  const unreadable = Object.defineProperty({}, 'x', { enumerable: true, get: () => JSON.parse('{') as unknown });
  let deep: object = {};
  for (let depth = 0; depth < 50_000; depth += 1) deep = { deep };
  expect(wire(deep)).toContain('[too deep]');
  expect(redact(cycle)).toEqual({ name: 'cycle', self: '[seen]' });
  expect(redact({ body: Buffer.alloc(9) })).toEqual({ body: '[9 bytes]' });
  expect(redact(unreadable)).toBe('[unreadable]');
  expect(redact(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  expect(redact([undefined, null, 1, true])).toEqual([undefined, null, 1, true]);
  expect((redact(Array(1000).fill(1)) as unknown[]).length).toBe(100);
});

test('a long text is cut between words, and no part of a password survives the cut', () => {
  const straddling = `${'word '.repeat(3274)}postgres://user:${canary}@host/db`;
  expect(redact(straddling)).toMatch(/word \[cut\]$/);
});

test.each(['://a:', '://', 'token', 'bearer ', '@'])('a text made of %j costs no more than reading it', (part) => {
  const hostile = part.repeat(200_000);
  const startedMs = performance.now();
  redact(hostile);
  redact(`${hostile.slice(0, 16_000)} `);
  expect(performance.now() - startedMs).toBeLessThan(200);
});
