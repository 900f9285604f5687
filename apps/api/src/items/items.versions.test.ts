import { sql } from '@app/database';
import { type Account, type Ask, type Reply, TestApi } from '../../../../test/support/api';

describe('If-Match', () => {
  let api: TestApi;
  let owner: Account;
  let item: { id: string; sku: string; name: string };
  let serial = 0;

  beforeAll(async () => {
    api = await TestApi.start();
    owner = await api.createAccount();
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    const body = { sku: `SKU-${serial++}`, name: 'Lamp' };
    item = (await api.request('POST', '/v1/items', { as: owner, body })).body;
  });

  const ask = (method: string, url: string, ifMatch: string | undefined, more: Ask = {}): Promise<Reply> =>
    api.request(method, url, { as: owner, ...more, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });
  const WRITES: Record<string, (ifMatch?: string) => Promise<Reply>> = {
    PATCH: (ifMatch) => ask('PATCH', `/v1/items/${item.id}`, ifMatch, { body: { name: 'New' } }),
    PUT: (ifMatch) => ask('PUT', `/v1/items/by-sku/${item.sku}`, ifMatch, { body: { name: 'New' } }),
    DELETE: (ifMatch) => ask('DELETE', `/v1/items/${item.id}`, ifMatch),
  };

  describe.each(Object.entries(WRITES))('of a %s', (_method, send) => {
    it.each([
      ['the current tag', () => `"${item.id}.1"`],
      ['the current tag among others', () => `"x" , "${item.id}.1", "${item.id}.7"`],
      ['any', () => '*'],
      ['none', () => undefined],
    ])('lets it through with %s', async (_name, ifMatch) => {
      expect((await send(ifMatch())).status).toBeLessThan(300);
    });

    it.each([
      ['another version', () => `"${item.id}.2"`],
      ['another item', () => `"${owner.id}.1"`],
      ['a weak tag', () => `W/"${item.id}.1"`],
      ['part of the tag', () => `"${item.id}"`],
      ['the empty tag', () => '""'],
      ['a tag with a comma in it', () => '"a,b"'],
    ])('refuses it with %s, and shows the current tag', async (_name, ifMatch) => {
      expect(await send(ifMatch())).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed' },
        headers: { etag: `"${item.id}.1"` },
      });
      expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(item);
    });

    it.each(['1', `x.1`, '"unclosed', 'unopened"', '"a" "b"', '', ',', '"a",', 'w/"a"', '*, "a"'])(
      'calls %j malformed',
      async (ifMatch) => {
        expect(await send(ifMatch)).toMatchObject({
          status: 400,
          body: { code: 'invalid_parameter', errors: [{ code: 'wrong_format', parameter: 'If-Match' }] },
        });
        expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(item);
      },
    );
  });

  describe.each(Object.keys(WRITES))('If-None-Match of a %s', (method) => {
    const send = (noneMatch: string, match?: string): Promise<Reply> =>
      api.request(method, method === 'PUT' ? `/v1/items/by-sku/${item.sku}` : `/v1/items/${item.id}`, {
        as: owner,
        headers: { 'if-none-match': noneMatch, ...(match !== undefined && { 'if-match': match }) },
        ...(method !== 'DELETE' && { body: { name: 'New' } }),
      });

    it.each([
      ['the current tag', () => `"${item.id}.1"`],
      ['its weak form among others', () => `"x", W/"${item.id}.1"`],
      ['a compressed form', () => `"${item.id}.1-br"`],
      ['any', () => '*'],
    ])('refuses it with %s, and shows the current tag', async (_name, noneMatch) => {
      expect(await send(noneMatch())).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed' },
        headers: { etag: `"${item.id}.1"` },
      });
      expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(item);
    });

    it.each([
      ['another version', () => `"${item.id}.2"`],
      ['nothing that is a tag', () => 'x'],
    ])('lets it through with %s, unless If-Match refuses it', async (_name, noneMatch) => {
      expect((await send(noneMatch(), `"${item.id}.2"`)).status).toBe(412);
      expect((await send(noneMatch(), `"${item.id}.1"`)).status).toBeLessThan(300);
    });

    it('lets it through without If-Match, too', async () => {
      expect((await send(`"${item.id}.2"`)).status).toBeLessThan(300);
    });
  });

  it('of a PUT demands that there is an item', async () => {
    for (const ifMatch of ['*', `"${item.id}.1"`]) {
      const reply = await ask('PUT', '/v1/items/by-sku/NOT-THERE', ifMatch, { body: { name: 'New' } });
      expect(reply).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    }
    expect((await api.get('/v1/items/by-sku/NOT-THERE')).status).toBe(404);
  });

  it('lets one of twenty writers win, and tells the others', async () => {
    const url = `/v1/items/${item.id}`;
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask('PATCH', url, `"${item.id}.1"`, { body: { name: `Writer ${n}` } })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(412)]);
    const winner = replies.find(({ status }) => status === 200);
    expect((await api.get(url)).body).toEqual(winner?.body);
  });

  it('knows what was changed past the application, and so does If-None-Match', async () => {
    const { headers } = await api.get(`/v1/items/${item.id}`);
    const stale = String(headers.etag);
    await api.rows(sql`UPDATE items SET stock = 77 WHERE id = ${item.id}`);
    const now = await api.get(`/v1/items/${item.id}`, { headers: { 'if-none-match': stale } });
    expect(now).toMatchObject({ status: 200, body: { stock: 77, version: 2 } });
    expect(now.body.updatedAt > now.body.createdAt).toBe(true);
    for (const send of Object.values(WRITES)) expect((await send(stale)).status).toBe(412);
    expect((await WRITES['PATCH']?.(now.headers.etag))?.status).toBe(200);
  });

  it('never takes an item made anew for the one that was deleted', async () => {
    await ask('DELETE', `/v1/items/${item.id}`, undefined);
    const anew = await ask('PUT', `/v1/items/by-sku/${item.sku}`, undefined, { body: { name: 'Lamp' } });
    expect(anew.status).toBe(201);
    const reply = await ask('PUT', `/v1/items/by-sku/${item.sku}`, `"${item.id}.1"`, { body: { name: 'Stale' } });
    expect(reply.status).toBe(412);
  });

  it('of a PUT with `If-None-Match: *` demands that there is none', async () => {
    const put = (sku: string) =>
      api.request('PUT', `/v1/items/by-sku/${sku}`, {
        as: owner,
        headers: { 'if-none-match': '*' },
        body: { name: 'New' },
      });
    expect(await put(item.sku)).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await api.get(`/v1/items/${item.id}`)).body).toEqual(item);
    expect((await put('NOT-THERE')).status).toBe(201);
  });

  it('does not care for the type of a body that a DELETE does not have', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await api.request('DELETE', `/v1/items/${item.id}`, { as: owner, headers })).status).toBe(204);
  });
});
