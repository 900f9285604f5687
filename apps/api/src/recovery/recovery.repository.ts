import { Database, sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { MailKind } from '../mails/mails.service';
import type { MailToken } from './mail-token.entity';

/** Mails of a kind that one address gets in an hour, whichever accounts had it; the rest is dropped, so that nobody is buried in them. */
const MAX_PER_HOUR = 5;

/** A new password is the last word: what was mailed before it sets no other. */
const USABLE = sql`expires_at > now() AND (kind <> 'password_reset'
  OR token_generation = (SELECT token_generation FROM users WHERE id = user_id))`;

export type NewToken = Pick<MailToken, 'id' | 'digest' | 'address'> & {
  readonly kind: MailKind;
  readonly lifeSeconds: number;
};
export type Holder = Pick<MailToken, 'userId' | 'address'>;

@Injectable()
export class RecoveryRepository {
  constructor(private readonly database: Database) {}

  /** Whether there is an active account with the address that may get another mail; one statement, whatever the answer. */
  async insertForAccount({ id, digest, kind, address, lifeSeconds }: NewToken): Promise<boolean> {
    const rows = await this.database.rows(sql`
      INSERT INTO mail_tokens (id, digest, kind, user_id, token_generation, address, expires_at)
      SELECT ${id}::uuid, ${digest}::text, ${kind}::text, users.id, token_generation, ${address}::text,
        now() + make_interval(secs => ${lifeSeconds})
      FROM users WHERE email = ${address} AND status = 'active' AND (
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

  /** Deletes all tokens of the kind that the account has; true if this one was among them and may be used. */
  async consume(digest: string, kind: MailKind, userId: string): Promise<boolean> {
    const rows = await this.database.rows<{ isMeant: boolean }>(sql`
      DELETE FROM mail_tokens WHERE user_id = ${userId} AND kind = ${kind}
      RETURNING digest = ${digest} AND ${USABLE} AS "isMeant"`);
    return rows.some(({ isMeant }) => isMeant);
  }

  async removeExpired(): Promise<void> {
    await this.database.rows(sql`DELETE FROM mail_tokens WHERE expires_at < now()`);
  }
}
