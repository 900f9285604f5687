// Who may call which operation of a feature: stated for every principal, and whoever is refused has changed nothing.
import type { OpenApiDocument, OpenApiOperation } from '../../libs/http/src/openapi';
import { type Account, PASSWORD, TestApi } from './api';
import { operationAt, type Question } from './costs';
import { digestOf } from './refusal';

/** `user` owns what is asked about; keys are keys of `user`. */
export const PRINCIPALS = ['anonymous', 'user', 'otherUser', 'admin', 'readKey', 'writeKey'] as const;
export type Principal = (typeof PRINCIPALS)[number];

/** A status where the call is accepted, the code of the problem where it is refused. */
export type Verdict = number | string;

export interface Scene {
  readonly api: TestApi;
  readonly user: Account;
  /** Undefined if nobody is logged in; with a key, its owner with the key as token. */
  readonly caller: Account | undefined;
  /** Different each time. */
  readonly word: () => string;
}

export interface Row {
  /** A request that is valid in every respect, about what belongs to `user`; the caller's token is added to it. */
  readonly ask: (scene: Scene) => Promise<Question> | Question;
  readonly gives: Readonly<Record<Principal, Verdict>>;
}

/** By operation id. */
export type Access = Readonly<Record<string, Row>>;

type Verdicts = Row['gives'];

export const everyone = (verdict: Verdict): Verdicts =>
  Object.fromEntries(PRINCIPALS.map((one) => [one, verdict])) as Verdicts;

/** Whoever has logged in, be it with a key. */
export const anyLogin = (verdict: Verdict): Verdicts => ({ ...everyone(verdict), anonymous: 'login_required' });

/** Whoever has logged in, but a key only if it may write. */
export const writers = (verdict: Verdict): Verdicts => ({ ...anyLogin(verdict), readKey: 'insufficient_scope' });

/** What concerns the account itself is not for keys: a lost one must not lose the account. */
export const persons = (verdict: Verdict): Verdicts => ({
  ...anyLogin(verdict),
  readKey: 'session_required',
  writeKey: 'session_required',
});

/** A key never is an administrator. */
export const admins = (verdict: Verdict): Verdicts => ({ ...anyLogin('not_allowed'), admin: verdict });

/** Keys are callers as soon as the API document has an operation that makes them. */
const principalsOf = (operations: readonly OpenApiOperation[]): Principal[] => {
  const hasKeys = operations.some(({ operationId }) => operationId === 'createApiKey');
  return PRINCIPALS.filter((one) => hasKeys || !one.endsWith('Key'));
};

export function describeAccess(tag: string, access: Access): void {
  describe(`who may call the operations of ${tag}`, () => {
    let api: TestApi;
    let document: OpenApiDocument;
    let operations: OpenApiOperation[];
    let principals: Principal[];
    let cast: Cast | undefined;
    let serial = 0;
    const word = () => `word-${serial++}`;

    beforeAll(async () => {
      api = await TestApi.start();
      document = (await api.get('/openapi.json')).body as OpenApiDocument;
      operations = Object.values(document.paths).flatMap((one) => Object.values(one));
      principals = principalsOf(operations);
      // Not of the cast: that admin may delete itself, which the last one may not.
      await api.createAccount({ role: 'admin' });
    });

    afterAll(() => api.close());

    const ofTag = () => operations.filter((one) => (one['tags'] as string[]).includes(tag));

    it('is stated for every operation and every principal', () => {
      const ids = ofTag().map((one) => one.operationId);
      const hint = `Give it a row in ${tag}.access.test.ts: a valid request, and what each principal is given.`;
      expect({ hint, unstated: ids.filter((id) => !access[id]) }).toEqual({ hint, unstated: [] });
      expect(Object.keys(access).filter((id) => !ids.includes(id))).toEqual([]);
      for (const [id, { gives }] of Object.entries(access))
        expect({ id, principals: Object.keys(gives) }).toEqual({ id, principals: PRINCIPALS });
    });

    it('is what the API document says about logging in', () => {
      const demanding = ofTag().filter(({ security }) => (security as object[]).length > 0);
      const closed = Object.entries(access).filter(([, { gives }]) => gives.anonymous === 'login_required');
      expect(closed.map(([id]) => id).sort()).toEqual(demanding.map(({ operationId }) => operationId).sort());
    });

    async function tried(id: string, { ask }: Row, principal: Principal): Promise<Verdict> {
      cast ??= await castOf(api, principals);
      const scene: Scene = { api, word, user: cast.user as Account, caller: cast[principal] };
      const [method, url, more] = await ask(scene);
      expect(operationAt(document, method, url)).toBe(id);
      const before = await digestOf(api);
      const { status, body } = await api.request(method, url, { ...more, as: scene.caller });
      if (status < 400) {
        if (method !== 'GET') cast = undefined;
        return status;
      }
      const code = (body as { code: string }).code;
      const after = await digestOf(api);
      const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
      return changed.length === 0 ? code : `${code}, and yet it changed ${changed.join(' and ')}`;
    }

    it.each(Object.entries(access))('%s', async (id, row) => {
      const given: Partial<Record<Principal, Verdict>> = {};
      const stated: Partial<Record<Principal, Verdict>> = {};
      for (const principal of principals) {
        given[principal] = await tried(id, row, principal);
        stated[principal] = row.gives[principal];
      }
      expect(given).toEqual(stated);
    });
  });
}

type Cast = Readonly<Partial<Record<Principal, Account>>>;

/** New accounts: an accepted call may have ended those before. */
async function castOf(api: TestApi, principals: readonly Principal[]): Promise<Cast> {
  const [user, otherUser, admin] = await Promise.all([
    api.createAccount(),
    api.createAccount(),
    api.createAccount({ role: 'admin' }),
  ]);
  if (!principals.includes('readKey')) return { user, otherUser, admin };
  const [readKey, writeKey] = [await keyOf(api, user, ['read']), await keyOf(api, user, ['read', 'write'])];
  return { user, otherUser, admin, readKey, writeKey };
}

async function keyOf(api: TestApi, owner: Account, scopes: readonly string[]): Promise<Account> {
  const body = { name: 'Key', scopes, currentPassword: PASSWORD };
  const reply = await api.request('POST', '/v1/api-keys', { as: owner, body });
  return { ...owner, token: (reply.body as { key: string }).key };
}
