// What the database holds before and after a request, and whether its caller had the right to that difference.
import { Client } from 'pg';

export interface Row {
  readonly kind: 'item' | 'user';
  readonly id: string;
  /** Whose it is: an account is its own. */
  readonly owner: string;
  /** Differs when anything in the row does. */
  readonly print: string;
  /** Of users: what makes a token good, and an administrator. */
  readonly standing: string;
}

export type Rows = ReadonlyMap<string, Row>;

const ROWS = `
  SELECT 'item' AS kind, id, owner_id AS owner, md5(t::text) AS print, '' AS standing FROM items t
  UNION ALL
  SELECT 'user', id, id, md5(t::text), concat_ws(' ', role, status, token_generation, email,
    (SELECT id FROM sessions WHERE user_id = t.id ORDER BY created_at, id LIMIT 1)) FROM users t`;

/** Past the service, so that what it says of itself is not taken for granted. */
export class Ledger {
  private constructor(private readonly client: Client) {}

  static async open(databaseUrl: string): Promise<Ledger> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    return new Ledger(client);
  }

  async read(): Promise<Rows> {
    const { rows } = await this.client.query<Row>({ name: 'ledger', text: ROWS });
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** @param kept ids of accounts */
  async clear(kept: readonly string[]): Promise<void> {
    await this.client.query('DELETE FROM items');
    await this.client.query('DELETE FROM api_keys');
    await this.client.query('DELETE FROM feed_jobs');
    await this.client.query('DELETE FROM feeds');
    await this.client.query('DELETE FROM users WHERE NOT id = ANY ($1)', [kept]);
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

export interface Deed {
  /** Of the account whose token was sent; undefined if there was none that is good. */
  readonly callerId: string | undefined;
  readonly operation: string | undefined;
  readonly status: number;
  readonly method: string;
}

/** Everything that this request changed and should not have. */
export function wrongsOf({ callerId, operation, status, method }: Deed, before: Rows, after: Rows): string[] {
  const isAdmin = before.get(callerId ?? '')?.standing.startsWith('admin active') === true;
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (id) => before.get(id)?.print !== after.get(id)?.print,
  );
  return changed.flatMap((id) => {
    const [was, is] = [before.get(id), after.get(id)];
    const what = `the ${(was ?? is)?.kind} ${id}`;
    // Whoever did not wait does not know whether it was done.
    if (status >= 400 && status !== 504) return [`answered ${status}, and yet changed ${what}`];
    if (method === 'GET' || method === 'HEAD') return [`changed ${what} by a ${method}`];
    if (!was && is?.kind === 'user') return operation === 'signUp' ? [] : [`made ${what}`];
    if (callerId === undefined) return [`changed ${what} for somebody who is not logged in`];
    if (!was) return is?.owner === callerId ? [] : [`made ${what} for somebody else`];
    if (was.owner !== callerId && !isAdmin) return [`changed ${what}, which is somebody else's`];
    return is && is.owner !== was.owner ? [`gave ${what} to somebody else`] : [];
  });
}
