// Remembers the outcome of a request by its key, claimed in the same transaction as the request's effect.
import sql, { type Sql } from 'sql-template-tag';
import type { Database } from './database';

const KEPT_HOURS = 24;
const CLAIMS_PER_DELETION = 500;

/** Whose request it is, which operation it called, and the key that the caller chose. */
export interface ClaimKey {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  /** Digest of the request; the same key with another one is refused. */
  readonly fingerprint: string;
}

/** What a request has come to: status and body of its answer. */
export interface Made {
  readonly status: number;
  /** JSON. */
  readonly body: unknown;
}

export type Outcome =
  { readonly state: 'in-progress' } | { readonly state: 'mismatch' } | ({ readonly state: 'made' | 'repeated' } & Made);

type Stored = Made & { readonly fingerprint: string; readonly xid: string };

/**
 * Carries the effect out unless it was before; the key and its outcome live and die with the effect. Never waits for another
 * holder of the key. Beside the effect, two round trips: the claim travels with the BEGIN, the outcome with the COMMIT.
 */
export async function carryOutOnce(database: Database, claim: ClaimKey, effect: () => Promise<Made>): Promise<Outcome> {
  let repeated: number | undefined;
  const outcome = await database.transaction(
    async ([lock, stored]): Promise<Outcome> => {
      repeated = undefined;
      if (!lock?.[0]?.['isHeld']) return { state: 'in-progress' };
      const known = stored?.[0] as Stored | undefined;
      if (known) {
        const { fingerprint, status, body, xid } = known;
        if (fingerprint !== claim.fingerprint) return { state: 'mismatch' };
        repeated = Number(xid);
        return { state: 'repeated', status, body };
      }
      const made = await effect();
      database.atCommit(outcomeOf(claim, made));
      return { state: 'made', ...made };
    },
    { first: claiming(claim) },
  );
  // The repeated request's caller must see what the first one's saw.
  if (repeated !== undefined) await database.announce(repeated);
  return outcome;
}

/** Two statements: the second must see what the previous holder of the lock has committed. */
function claiming({ principal, operation, key }: ClaimKey): [Sql, Sql] {
  const lockName = `${principal}\n${operation}\n${key}`;
  return [
    sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${lockName}, 0)) AS "isHeld"`,
    sql`
      SELECT fingerprint, status, body, xid::text FROM idempotency_keys
      WHERE principal = ${principal} AND operation = ${operation} AND key = ${key}
        AND created_at > now() - make_interval(hours => ${KEPT_HOURS})`,
  ];
}

function outcomeOf({ principal, operation, key, fingerprint }: ClaimKey, { status, body }: Made): Sql {
  const json = body === undefined ? null : JSON.stringify(body);
  return sql`
    INSERT INTO idempotency_keys (principal, operation, key, fingerprint, status, body)
    VALUES (${principal}, ${operation}, ${key}, ${fingerprint}, ${status}, ${json}::json)
    ON CONFLICT (principal, operation, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, xid = excluded.xid, created_at = now()`;
}

/** Deletes outcomes older than a day, some at a time: the answers that they hold may be large. */
export async function forgetOldClaims(database: Database): Promise<void> {
  for (;;) {
    const gone = await database.rows(sql`
      DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM idempotency_keys WHERE created_at <= now() - make_interval(hours => ${KEPT_HOURS})
        ORDER BY created_at LIMIT ${CLAIMS_PER_DELETION}
      )) RETURNING 1`);
    if (gone.length < CLAIMS_PER_DELETION) return;
  }
}
