// Text that wants to be more than text: lines of the log, headers, prototypes, formulas, other fields.
import { stripVTControlCharacters } from 'node:util';
import { attack } from '../support/target';

const FORGED = '\r\n{"level":"error","event":"forged"}\r\n\u001b[2J\u001b]0;owned\u0007\u0085\u2028';

const scene = attack({ LOG_LEVEL: 'trace' });

const post = (path: string, body: string, type: string) =>
  scene.target.ask('POST', path, { as: scene.owner, headers: { 'content-type': type }, body });

describe('a prototype', () => {
  const reach = '{"isAdmin":true,"polluted":1}';

  it.each<[name: string, path: string, body: string, type: string]>([
    ['in an item', '/v1/items', `{"sku":"a","name":"b","__proto__":${reach}}`, 'application/json'],
    ['in an attribute', '/v1/items', `{"sku":"a","name":"b","attributes":{"__proto__":${reach}}}`, 'application/json'],
    [
      'in disguise',
      '/v1/items',
      `{"sku":"a","name":"b","\\u005f\\u005fproto\\u005f\\u005f":${reach}}`,
      'application/json',
    ],
    [
      'of a constructor',
      '/v1/items',
      `{"sku":"a","name":"b","constructor":{"prototype":${reach}}}`,
      'application/json',
    ],
    [
      'in a batch',
      '/v1/items/batch',
      `{"operations":[{"op":"create","item":{"__proto__":${reach}}}]}`,
      'application/json',
    ],
    [
      'as an operation',
      '/v1/items/batch',
      '{"operations":[{"op":"__proto__"},{"op":"constructor"}]}',
      'application/json',
    ],
    [
      'in a form',
      '/v1/auth/token',
      '__proto__=a&__proto__[polluted]=1&constructor[prototype][polluted]=1',
      'application/x-www-form-urlencoded',
    ],
    [
      'in a login',
      '/v1/auth/login',
      `{"email":"a@b.example","password":"12345678","__proto__":${reach}}`,
      'application/json',
    ],
    ['in the header of a CSV', '/v1/items/import', '__proto__,sku,name\n{},a,b\n', 'text/csv'],
    ['in the header of a CSV, quoted', '/v1/items/import', '"constructor","sku","name"\n{},a,b\n', 'text/csv'],
  ])('%s is refused', async (_name, path, body, type) => {
    const answer = await scene.target.withstands(() => post(path, body, type));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toMatchObject({ code: expect.any(String), status: answer.status });
  });

  it.each<[name: string, body: string, type: string]>([
    ['in a cell of a CSV', `sku,name,attributes\na,b,"{""__proto__"":${reach.replaceAll('"', '""')}}"\n`, 'text/csv'],
    ['in a line', `{"sku":"a","name":"b","__proto__":${reach}}\n`, 'application/x-ndjson'],
    [
      'in the attributes of a line',
      `{"sku":"a","name":"b","attributes":{"__proto__":${reach}}}\n`,
      'application/x-ndjson',
    ],
  ])('%s costs that line', async (_name, body, type) => {
    const answer = await scene.target.withstands(() => post('/v1/items/import', body, type));
    expect(answer.body).toMatchObject({ received: 1, rejected: 1, created: 0 });
  });

  it('as a mere word is one', async () => {
    const attributes = { toString: 'a', valueOf: 1, hasOwnProperty: true, prototype: null };
    const body = { sku: '__proto__', name: 'constructor', tags: ['__proto__'], attributes };
    const { target, owner } = scene;
    const created = await target.api.request('POST', '/v1/items', { as: owner, body });
    expect(created).toMatchObject({ status: 201, body });
    for (const query of ['sku=__proto__', 'tag=__proto__', 'attr=toString:a', 'q=constructor'])
      expect((await target.api.get(`/v1/items?${query}`)).body.data).toHaveLength(1);
    expect((await target.api.get('/v1/items/by-sku/__proto__')).status).toBe(200);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

it('what is said twice in an object counts once, by the last', async () => {
  const body = '{"sku":"TWICE","name":"First","name":"Last"}';
  expect(await post('/v1/items', body, 'application/json')).toMatchObject({ status: 201, body: { name: 'Last' } });
  const hidden = await scene.target.withstands(() =>
    post('/v1/items', '{"sku":"TWICE2","role":"admin","name":"a","role":"user"}', 'application/json'),
  );
  expect(hidden.status).toBe(422);
});

describe('the log', () => {
  it('has a line of its own for each event, whatever is said', async () => {
    const { target, owner } = scene;
    const encoded = encodeURIComponent(FORGED.toWellFormed());
    const paths = [`/${encoded}`, `/v1/items/${encoded}`, `/v1/items/by-sku/${encoded}`, `/v1/items?q=${encoded}`];
    for (const path of [...paths, `/v1/items?${encoded}=1`, `/v1/items?cursor=${encoded}`, '/%0d%0a%1b[2J', '/%zz%0a'])
      await target.ask('GET', path);
    for (const name of ['User-Agent', 'X-Request-Id', 'Referer', 'X-Forwarded-For', 'Authorization', 'Idempotency-Key'])
      for (const value of [
        '\u001b[2J{"event":"forged"}',
        'a\rb',
        'a\nforged: b',
        '{"event":"forged"}',
        '${jndi:ldap://a}',
      ]) {
        const answers = await target.write(
          `GET /v1/users/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${name}: ${value}\r\n\r\n`,
        );
        expect(answers).toHaveLength(1);
        expect(answers[0]?.headers['forged']).toBeUndefined();
        expect(answers[0]?.headers['x-request-id'] ?? '').not.toContain('forged');
      }
    await post('/v1/items', JSON.stringify({ sku: FORGED, name: FORGED }), 'application/json');
    await post('/v1/auth/login', JSON.stringify({ email: FORGED, password: FORGED }), 'application/json');
    await post('/v1/items', FORGED, 'application/json');
    await post('/v1/items', '{}', 'text/plain');

    const lines = target.service.output.split('\n').filter(Boolean);
    for (const line of lines) {
      expect(stripVTControlCharacters(line)).toBe(line);
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
      expect((JSON.parse(line) as { event?: string }).event).not.toBe('forged');
      expect(line).not.toContain(owner.token.slice(-20));
    }
    expect(lines.length).toBeGreaterThan(0);
  });
});
