// What users ask while something goes wrong: reads that are kept, lists, and items that are made under keys.
import { sql } from '@app/database';
import type { Account, TestApi } from '../support/api';
import { type Asked, isFailed, type Outcome } from '../support/load';

const JSON_BODY = { 'content-type': 'application/json' };

export class Traffic {
  private constructor(
    private readonly api: TestApi,
    readonly owner: Account,
    /** Of items that are there and stay as they are. */
    readonly paths: readonly string[],
  ) {}

  /** @param prefix of all SKUs; no other traffic on the same database has it */
  static async prepare(api: TestApi, prefix: string, items = 50): Promise<Traffic> {
    const owner = await api.createAccount();
    const operations = Array.from({ length: items }, (_, n) => ({
      op: 'create',
      item: { sku: `${prefix}-${n}`, name: `${prefix} ${n}` },
    }));
    const { body } = await api.request('POST', '/v1/items/batch', { as: owner, body: { operations } });
    const paths = body.results.map((result: { item: { id: string } }) => `/v1/items/${result.item.id}`);
    return new Traffic(api, owner, paths);
  }

  /** Reads, lists that nobody has asked for, and one in five makes an item under a key. */
  readonly ordinary = (n: number): Asked => {
    if (n % 5 === 0) return this.creation();
    return { path: n % 5 === 1 ? `/v1/items?limit=5&priceMax=${1_000_000 + n}` : this.read(n) };
  };

  read(n: number): string {
    return this.paths[n % this.paths.length] as string;
  }

  creation(): Asked {
    const sku = `made-${process.hrtime.bigint()}`;
    return {
      method: 'POST',
      path: '/v1/items',
      headers: { ...this.authorization, ...JSON_BODY, 'idempotency-key': sku },
      body: JSON.stringify({ sku, name: sku }),
    };
  }

  change(path: string, body: object): Asked {
    const headers = { ...this.authorization, 'content-type': 'application/merge-patch+json' };
    return { method: 'PATCH', path, headers, body: JSON.stringify(body) };
  }

  get authorization(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.owner.token}` };
  }

  /** What was acknowledged, held against the rows. */
  async account(outcomes: readonly Outcome[]): Promise<Books> {
    const made = outcomes
      .filter(({ result }) => result === 201)
      .map(({ body }) => (JSON.parse(body) as { sku: string }).sku);
    const rows = await this.api.rows<{ sku: string }>(
      sql`SELECT sku FROM items WHERE owner_id = ${this.owner.id} AND sku LIKE 'made-%'`,
    );
    const kept = new Set(rows.map(({ sku }) => sku));
    return { made: made.length, lost: made.filter((sku) => !kept.has(sku)).length };
  }
}

export interface Books {
  /** Acknowledged. */
  readonly made: number;
  /** Acknowledged, and not there. Made twice is impossible: the second one would have been refused, and count as failed. */
  readonly lost: number;
}

/** How often each status was answered, with the words of its problem, or each error met: `{ '200': 812, ECONNRESET: 1 }`. */
export function classesOf(outcomes: readonly Outcome[]): Record<string, number> {
  const classes: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = isFailed(outcome) ? `${outcome.result} ${detailOf(outcome)}`.trim() : String(outcome.result);
    classes[name] = (classes[name] ?? 0) + 1;
  }
  return classes;
}

function detailOf({ body }: Outcome): string {
  try {
    return (JSON.parse(body) as { detail?: string }).detail ?? '';
  } catch {
    return body.slice(0, 80);
  }
}
