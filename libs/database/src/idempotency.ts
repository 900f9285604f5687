// Remembers the outcome of a request by its key, claimed in the same transaction as the request's effect.
import sql from 'sql-template-tag';
import type { Database } from './database';

const KEPT_HOURS = 24;

/** Whose request it is, which operation it called, and the key that the caller chose. */
export interface ClaimKey {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  /** Digest of the request; the same key with another one is refused. */
  readonly fingerprint: string;
}

export type Claim =
  | { readonly state: 'claimed' }
  | { readonly state: 'in-progress' }
  | { readonly state: 'mismatch' }
  | { readonly state: 'done'; readonly status: number; readonly body: unknown; readonly xid: number };

/** Must run inside a transaction: the claim lives and dies with the effect. Never waits for another holder of the key. */
export async function claimOnce(database: Database, claim: ClaimKey): Promise<Claim> {
  const { principal, operation, key, fingerprint } = claim;
  const lockName = `${principal}\n${operation}\n${key}`;
  const [lock] = await database.rows<{ held: boolean }>(
    sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${lockName}, 0)) AS held`,
  );
  if (!lock?.held) return { state: 'in-progress' };
  const [known] = await database.rows<{ fingerprint: string; status: number; body: unknown; xid: string }>(sql`
    SELECT fingerprint, status, body, xid::text FROM idempotency_keys
    WHERE principal = ${principal} AND operation = ${operation} AND key = ${key}
      AND created_at > now() - make_interval(hours => ${KEPT_HOURS})`);
  if (!known) return { state: 'claimed' };
  if (known.fingerprint !== fingerprint) return { state: 'mismatch' };
  return { state: 'done', status: known.status, body: known.body, xid: Number(known.xid) };
}

/** Stores the answer under a claimed key, in the claiming transaction. `body` is JSON. */
export async function storeOutcome(database: Database, claim: ClaimKey, status: number, body: unknown): Promise<void> {
  const { principal, operation, key, fingerprint } = claim;
  const json = body === undefined ? null : JSON.stringify(body);
  await database.rows(sql`
    INSERT INTO idempotency_keys (principal, operation, key, fingerprint, status, body)
    VALUES (${principal}, ${operation}, ${key}, ${fingerprint}, ${status}, ${json}::json)
    ON CONFLICT (principal, operation, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, xid = excluded.xid, created_at = now()`);
}

/** Deletes outcomes older than a day; returns how many. */
export async function forgetOldClaims(database: Database): Promise<number> {
  const rows = await database.rows<{ count: number }>(sql`
    WITH gone AS (
      DELETE FROM idempotency_keys WHERE created_at <= now() - make_interval(hours => ${KEPT_HOURS}) RETURNING 1
    ) SELECT count(*) AS count FROM gone`);
  return rows[0]?.count ?? 0;
}
