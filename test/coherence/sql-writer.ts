// Writes by plain SQL, past every instance: one row, some, very many, users, transactions that stay open, and psql.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Account, Item, Owner } from './catalogue';
import { Session } from './session';

interface Bumped {
  readonly id: string;
  readonly version: number;
  readonly xid: string;
}

const BUMP = `UPDATE items SET stock = (stock + 1) % 1000000, version = version + 1, updated_at = now()`;
const BUMPED = `RETURNING id, version, pg_current_xact_id()::text AS xid`;

export class SqlWriter {
  private readonly session: Session;

  constructor(private readonly url: string) {
    this.session = new Session(url);
  }

  /** In one statement. */
  async bump(items: readonly Item[]): Promise<void> {
    acknowledge(items, await this.bumped(items));
  }

  /** In as many statements as there are items, which are one transaction. */
  async bumpEach(items: readonly Item[]): Promise<void> {
    acknowledge(items, await this.session.each<Bumped>(items.map(({ id }) => `${BUMP} WHERE id = '${id}' ${BUMPED}`)));
  }

  /** In one statement for each part, all in one transaction that stays open for a while. */
  async hold(parts: readonly (readonly Item[])[], ms: number, isKept: boolean): Promise<void> {
    await this.session.rows('BEGIN');
    const written: [readonly Item[], Bumped[]][] = [];
    for (const items of parts) {
      written.push([items, await this.bumped(items)]);
      await sleep(ms / parts.length);
    }
    await this.session.rows(isKept ? 'COMMIT' : 'ROLLBACK');
    if (isKept) for (const [items, rows] of written) acknowledge(items, rows);
  }

  async rename({ id, name }: Owner): Promise<void> {
    const [row] = await this.session.rows<{ rank: number }>(
      `UPDATE users SET display_name = 'Owner ' || (substr(display_name, 7)::int + 1), version = version + 1, updated_at = now()
       WHERE id = $1 RETURNING substr(display_name, 7)::int AS rank`,
      [id],
    );
    if (row) name.acknowledge(row.rank, performance.now());
  }

  /** Disables the account, or enables it again; tries until that is done. */
  async toggle({ id, status }: Account, isOver: () => boolean): Promise<void> {
    const next = status.state === 'active' ? 'disabled' : 'active';
    status.begin(next);
    while (!isOver()) {
      try {
        await this.session.rows(
          'UPDATE users SET status = $2, version = version + 1, updated_at = now() WHERE id = $1',
          [id, next],
        );
        return status.acknowledge(performance.now());
      } catch {
        await sleep(50);
      }
    }
  }

  async createItem(id: string, sku: string, ownerId: string): Promise<void> {
    await this.session.rows(`INSERT INTO items (id, sku, name, owner_id) VALUES ($1, $2, 'In a slot', $3)`, [
      id,
      sku,
      ownerId,
    ]);
  }

  async renameItem(id: string, sku: string): Promise<number> {
    const [row] = await this.session.rows<{ version: number }>(
      `UPDATE items SET sku = $2, version = version + 1, updated_at = now() WHERE id = $1 RETURNING version`,
      [id, sku],
    );
    return row?.version ?? 0;
  }

  async removeItem(id: string): Promise<void> {
    await this.session.rows('DELETE FROM items WHERE id = $1', [id]);
  }

  /** In one transaction, so that the SKU is never free. */
  async replaceItem(id: string, nextId: string): Promise<void> {
    await this.session.rows('BEGIN');
    await this.session.rows(
      `WITH gone AS (DELETE FROM items WHERE id = $1 RETURNING sku, owner_id)
       SELECT set_config('coherence.sku', sku, true), set_config('coherence.owner', owner_id::text, true) FROM gone`,
      [id],
    );
    await this.session.rows(
      `INSERT INTO items (id, sku, name, owner_id)
       VALUES ($1, current_setting('coherence.sku'), 'In a slot', current_setting('coherence.owner')::uuid)`,
      [nextId],
    );
    await this.session.rows('COMMIT');
  }

  /** @param psql path of the program */
  async bumpByPsql(psql: string, item: Item): Promise<void> {
    const command = `${BUMP} WHERE id = '${item.id}' RETURNING version`;
    const { stdout } = await promisify(execFile)(psql, [this.url, '-XAtqc', command]);
    item.version.acknowledge(Number(stdout.trim()), performance.now());
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private bumped(items: readonly Item[]): Promise<Bumped[]> {
    return this.session.rows<Bumped>(`${BUMP} WHERE id = ANY($1::uuid[]) ${BUMPED}`, [items.map(({ id }) => id)]);
  }
}

function acknowledge(items: readonly Item[], rows: readonly Bumped[]): void {
  const now = performance.now();
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const { id, version, xid } of rows) {
    const item = byId.get(id);
    if (!item) continue;
    item.version.acknowledge(version, now);
    if (version > (item.stamp?.rank ?? 0)) item.stamp = { token: xid, rank: version };
  }
}
