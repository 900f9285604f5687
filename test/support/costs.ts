// What each operation of a feature costs in SQL statements, BEGIN and COMMIT included: stated for all of them, and exact.
import type { OpenApiDocument, OpenApiOperation } from '../../libs/http/src/openapi';
import { type Account, type Ask, TestApi } from './api';

/** What a row may ask about, made anew for each run. */
export interface Stage {
  readonly api: TestApi;
  readonly owner: Account;
  readonly admin: Account;
  /** Different each time. */
  readonly word: () => string;
}

export interface Cost {
  readonly ask: (stage: Stage) => Promise<Question> | Question;
  readonly status: number;
  /** Nothing is cached. */
  readonly cold: number;
  /** The caller is known, and a read was asked for before. */
  readonly warm: number;
}

export type Question = readonly [method: string, url: string, ask?: Ask];

/** By operation id, or by operation id, a comma and what is special. */
export type Costs = Readonly<Record<string, Cost>>;

const operationIdOf = (name: string): string => name.split(',')[0] as string;

export function describeCosts(tag: string, costs: Costs): void {
  describe(`the cost of ${tag}`, () => {
    let stage: Stage;
    let document: OpenApiDocument;

    beforeAll(async () => {
      stage = await createStage();
      document = (await stage.api.get('/openapi.json')).body as OpenApiDocument;
    });

    afterAll(() => stage.api.close());

    it('is stated for every operation', () => {
      const operations: OpenApiOperation[] = Object.values(document.paths).flatMap((one) => Object.values(one));
      const ids = operations.filter((one) => (one['tags'] as string[]).includes(tag)).map((one) => one.operationId);
      expect([...new Set(Object.keys(costs).map(operationIdOf))].sort()).toEqual(ids.sort());
    });

    it.each(Object.entries(costs))('%s', async (name, { ask, status, cold, warm }) => {
      const { api } = stage;
      const [method, url, more] = await ask(stage);
      expect(operationAt(document, method, url)).toBe(operationIdOf(name));
      await api.settle();
      await api.forget();
      const first = await api.request(method, url, more);
      await api.settle();
      const isRead = method === 'GET' && first.status < 300;
      const again: Question = isRead ? [method, url, more] : await ask(stage);
      await api.settle();
      if (again[2]?.as) await api.get('/v1/users/me', { as: again[2].as });
      const second = await api.request(...again);
      const paid = { status: [first.status, second.status], cold: first.sql, warm: second.sql };
      expect(paid).toEqual({ status: [status, status], cold, warm });
    });
  });
}

async function createStage(): Promise<Stage> {
  const api = await TestApi.start();
  const [owner, admin] = [await api.createAccount(), await api.createAccount({ role: 'admin' })];
  let serial = 0;
  return { api, owner, admin, word: () => `word-${serial++}` };
}

/** The operation that the document gives for it: fixed segments go before parameters. */
export function operationAt({ paths }: OpenApiDocument, method: string, url: string): string | undefined {
  const path = url.split('?')[0] ?? '';
  const matching = Object.entries(paths)
    .filter(([template]) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path))
    .sort(([a], [b]) => a.split('{').length - b.split('{').length);
  return matching.map(([, operations]) => operations[method.toLowerCase()]?.operationId).find(Boolean);
}
