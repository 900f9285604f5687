import { type Account, type Reply, TestApi } from '../../../../test/support/api';

let api: TestApi;
let admin: Account;
let serial = 0;

beforeAll(async () => {
  api = await TestApi.start();
  admin = await api.createAccount({ role: 'admin' });
});
afterAll(() => api.close());

const body = (more: object = {}) => ({
  name: `Feed ${serial++}`,
  url: 'https://supplier.example/catalogue.ndjson',
  format: 'ndjson',
  ...more,
});
const ask = (method: string, path: string, more: object = {}): Promise<Reply> =>
  api.request(method, `/v1/feeds${path}`, { as: admin, ...more });
const create = async (more: object = {}) => (await ask('POST', '', { body: body(more) })).body;

describe('a feed', () => {
  it('is added with its defaults, says where it is, and is read again', async () => {
    const given = body();
    const made = await ask('POST', '', { body: given });
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `/v1/feeds/${made.body.id}`, etag: `"${made.body.id}.1"` },
      body: { ...given, enabled: true, clearsMissing: false, ownerId: admin.id, version: 1 },
    });
    expect((await ask('GET', `/${made.body.id}`)).body).toEqual(made.body);
  });

  it.each([
    ['an address that is none', { url: 'ftp://supplier.example' }, '/url'],
    ['one without a host', { url: 'http://' }, '/url'],
    ['one whose host is a number', { url: 'http://999.1/' }, '/url'],
    ['one whose host is cut off', { url: 'http://[::1' }, '/url'],
    ['one whose host is none', { url: 'http://[:::]/' }, '/url'],
    ['a port that is none', { url: 'http://supplier.example:65536/' }, '/url'],
    ['a character that a URL encodes', { url: 'https://supplier.example/a|b' }, '/url'],
    ['half an encoding', { url: 'https://supplier.example/%a' }, '/url'],
    ['a password in it', { url: 'https://me:secret@supplier.example/x' }, '/url'],
    ['another format', { format: 'xml' }, '/format'],
    ['no name', { name: ' ' }, '/name'],
    ['an owner of choice', { ownerId: '01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69' }, '/ownerId'],
  ])('is refused with %s', async (_, wrong, pointer) => {
    expect(await ask('POST', '', { body: body(wrong) })).toMatchObject({
      status: 422,
      body: { code: 'invalid_body', errors: [{ pointer }] },
    });
  });

  it('has a name of its own', async () => {
    const { name } = await create();
    const taken = { status: 409, body: { code: 'feed_name_taken', errors: [{ pointer: '/name' }] } };
    expect(await ask('POST', '', { body: body({ name }) })).toMatchObject(taken);
    const { id } = await create();
    expect(await ask('PATCH', `/${id}`, { body: { name } })).toMatchObject(taken);
  });

  it('is changed by a merge patch, if it is as the caller believes', async () => {
    const { id } = await create();
    const changed = await ask('PATCH', `/${id}`, { body: { enabled: false }, headers: { 'if-match': `"${id}.1"` } });
    expect(changed).toMatchObject({ status: 200, body: { enabled: false, format: 'ndjson', version: 2 } });
    for (const method of ['PATCH', 'DELETE']) {
      const stale = { headers: { 'if-match': `"${id}.1"` }, ...(method === 'PATCH' && { body: { enabled: true } }) };
      expect(await ask(method, `/${id}`, stale)).toMatchObject({ status: 412 });
    }
    for (const [version, status] of [
      [2, 412],
      [1, 200],
    ]) {
      const headers = { 'if-none-match': `"${id}.${version}"` };
      expect(await ask('PATCH', `/${id}`, { body: { enabled: true }, headers })).toMatchObject({ status });
    }
  });

  it('is gone when it was deleted', async () => {
    const { id } = await create();
    expect(await ask('DELETE', `/${id}`)).toMatchObject({ status: 204 });
    for (const method of ['GET', 'DELETE'])
      expect(await ask(method, `/${id}`)).toMatchObject({ status: 404, body: { code: 'feed_not_found' } });
    expect(await ask('PATCH', `/${id}`, { body: {} })).toMatchObject({ status: 404 });
  });

  it('is made once under an Idempotency-Key', async () => {
    const same = { body: body(), headers: { 'idempotency-key': 'once' } };
    const [first, second] = [await ask('POST', '', same), await ask('POST', '', same)];
    expect([first.status, second.status, second.headers['idempotency-replayed']]).toEqual([201, 201, 'true']);
    expect(second.body).toEqual(first.body);
  });

  it('is listed newest first, page by page', async () => {
    const ids = [(await create()).id, (await create()).id, (await create()).id].reverse();
    const first = await ask('GET', '?limit=2');
    expect(first.body.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    const next = await ask('GET', `?limit=2&cursor=${first.body.page.next}`);
    expect(next.body.data[0].id).toBe(ids[2]);
    expect(first.headers['link']).toContain('rel="next"');
  });
});
