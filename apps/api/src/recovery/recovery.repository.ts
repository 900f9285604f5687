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

  /** Whether there is an active account that may get another mail at the address; one statement, whatever the answer. */
  async insertForAccount({ id, digest, kind, address, userId, lifeSeconds }: NewToken): Promise<boolean> {
    const rows = await this.database.rows(sql`
      INSERT INTO mail_tokens (id, digest, kind, user_id, token_generation, address, expires_at)
      SELECT ${id}::uuid, ${digest}::text, ${kind}::text, users.id, token_generation, ${address}::text,
        now() + make_interval(secs => ${lifeSeconds})
      FROM users WHERE ${RECIPIENTS[kind]({ address, userId })} AND status = 'active' AND (
        SELECT count(*) FROM mail_tokens WHERE address = ${address} AND kind = ${kind} AND mail_tokens.id <> ${id}
          AND created_at > now() - interval '1 hour'
      ) < ${MAX_PER_HOUR}
      ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at
      RETURNING id`);
    return rows.length > 0;
  }

  /** Whose token it is, as long as it may be used. */
  async findHolder(digest: string, kind: MailKind): Promise<Holder | undefined> {
    const [row] = await this.database.rows<Holder>(sql`
      SELECT user_id AS "userId", address FROM mail_tokens
      WHERE digest = ${digest} AND kind = ${kind} AND ${USABLE}`);
    return row;
  }

  /** Deletes all tokens of the kind that the holder has; true if this one was among them and may be used. */
  async consume(digest: string, kind: MailKind, { userId, address }: Holder): Promise<boolean> {
    const rows = await this.database.rows<{ isMeant: boolean }>(sql`
      DELETE FROM mail_tokens WHERE user_id = ${userId} AND address = ${address} AND kind = ${kind}
      RETURNING digest = ${digest} AND ${USABLE} AS "isMeant"`);
    return rows.some(({ isMeant }) => isMeant);
  }

  async removeExpired(): Promise<void> {
    await this.database.rows(sql`DELETE FROM mail_tokens WHERE expires_at < now()`);
  }
}
