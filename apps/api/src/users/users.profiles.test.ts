import { v7 as uuidv7 } from 'uuid';
import { TestApi } from '../../../../test/support/api';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

describe('a public profile', () => {
  it('shows three members, to whoever has whatever token', async () => {
    const { id } = await api.createAccount();
    for (const cost of [1, 0]) {
      const profile = await api.get(`/v1/users/${id}`, { headers: { authorization: 'Bearer broken' } });
      expect(profile).toMatchObject({ status: 200, sql: cost });
      expect(profile.body).toEqual({ id, displayName: 'Test Person', createdAt: expect.any(String) });
      expect(profile.headers).toMatchObject({
        'cache-control': 'public, no-cache',
        'cache-status': cost === 0 ? 'floodgate; hit' : 'floodgate; fwd=uri-miss; stored',
      });
    }
  });

  it('is not sent again until it has changed', async () => {
    const ada = await api.createAccount();
    const { etag = '' } = (await api.get(`/v1/users/${ada.id}`)).headers;
    const again = () => api.get(`/v1/users/${ada.id}`, { headers: { 'if-none-match': etag } });
    expect(await again()).toMatchObject({ status: 304, text: '', sql: 0 });
    await api.request('PATCH', '/v1/users/me', { as: ada, body: { displayName: 'Countess of Lovelace' } });
    for (const cost of [1, 0])
      expect(await again()).toMatchObject({ status: 200, sql: cost, body: { displayName: 'Countess of Lovelace' } });
  });

  it('is refused by name when the id is none, and missed when it is nobody’s', async () => {
    const malformed = await api.get('/v1/users/7');
    expect(malformed).toMatchObject({ status: 400, sql: 0, body: { errors: [{ parameter: 'id' }] } });
    const nobody = uuidv7();
    for (const cost of [1, 0])
      expect(await api.get(`/v1/users/${nobody}`)).toMatchObject({
        status: 404,
        sql: cost,
        body: { code: 'user_not_found' },
      });
  });
});
