import { Database, sql, type Sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { ClaimedRequest, MailKind } from '../mails/mails.service';
import type { MailToken } from './mail-token.entity';

/** Mails of a kind that one address gets in an hour, whichever accounts had it; the rest is dropped, so that nobody is buried in them. */
const MAX_PER_HOUR = 5;

/** A new password is the last word: what was mailed before it sets no other. */
const USABLE = sql`expires_at > now() AND (kind <> 'password_reset'
  OR token_generation = (SELECT token_generation FROM users WHERE id = user_id))`;

export type NewToken = Pick<MailToken, 'digest'> &
  Pick<ClaimedRequest, 'id' | 'kind' | 'address' | 'userId'> & { readonly lifeSeconds: number };
export type Holder = Pick<MailToken, 'userId' | 'address'>;

/** Whose account a mail to an address may be about. Whoever has an address already is not asked whether another account may move to it. */
const RECIPIENTS: Record<MailKind, (mail: Pick<NewToken, 'address' | 'userId'>) => Sql> = {
  password_reset: ({ address }) => sql`users.email = ${address}`,
  email_verification: ({ address, userId }) => sql`users.id = ${userId} AND (users.email = ${address} OR (
    users.pending_email = ${address} AND NOT EXISTS (SELECT 1 FROM users AS other WHERE other.email = ${address})))`,
  email_change: ({ userId }) => sql`users.id = ${userId}`,
};

@Injectable()
export class RecoveryRepository {
  constructor(private readonly database: Database) {}

  /** Whether there is an active account that may get another mail at the address; the same statements, whatever the answer. */
  async insertForAccount({ id, digest, kind, address, userId, lifeSeconds }: NewToken): Promise<boolean> {
    // Two at the same moment must not both be the fifth, and an account that is being erased must be gone before it is asked for.
    const first = [sql`SELECT pg_advisory_xact_lock(hashtextextended(${`mail_tokens: ${kind} ${address}`}, 0))`];
    const insertion = sql`
      INSERT INTO mail_tokens (id, digest, kind, user_id, token_generation, address, expires_at)
      SELECT ${id}::uuid, ${digest}::text, ${kind}::text, users.id, token_generation, ${address}::text,
        now() + make_interval(secs => ${lifeSeconds})
      FROM users WHERE ${RECIPIENTS[kind]({ address, userId })} AND status = 'active' AND (
        SELECT count(*) FROM mail_tokens WHERE address IN (${address}, encode(sha256(convert_to(${address}, 'UTF8')), 'hex'))
          AND kind = ${kind} AND mail_tokens.id <> ${id} AND created_at > now() - interval '1 hour'
      ) < ${MAX_PER_HOUR}
      FOR KEY SHARE OF users
      ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at, expires_at = excluded.expires_at
      RETURNING id`;
    return this.database.transaction(async () => (await this.database.rows(insertion)).length > 0, { first });
  }

  /** Whose token it is, as long as it may be used. */
  async findHolder(digest: string, kind: MailKind): Promise<Holder | undefined> {
    const [row] = await this.database.rows<Holder>(sql`
      SELECT user_id AS "userId", address FROM mail_tokens
      WHERE digest = ${digest} AND kind = ${kind} AND ${USABLE}`);
    return row;
  }

  /** Uses up all tokens of the kind that the holder has; true if this one was among them and may be used. The account is locked. */
  async consume(digest: string, kind: MailKind, { userId, address }: Holder): Promise<boolean> {
    const rows = await this.database.rows<{ isMeant: boolean }>(sql`
      WITH held AS (
        SELECT id, digest = ${digest} AND ${USABLE} AS is_meant FROM mail_tokens
        WHERE user_id = ${userId} AND address = ${address} AND kind = ${kind}
      )
      UPDATE mail_tokens SET expires_at = '-infinity' FROM held WHERE mail_tokens.id = held.id
      RETURNING held.is_meant AS "isMeant"`);
    return rows.some(({ isMeant }) => isMeant);
  }

  /** What was mailed in the last hour still counts. */
  async removeExpired(): Promise<void> {
    await this.database.rows(
      sql`DELETE FROM mail_tokens WHERE expires_at < now() AND created_at < now() - interval '1 hour'`,
    );
  }
}
