import { Database, type Gathered, raw, sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Session } from './session.entity';

/** Of the service's promise: without use, and in all. */
const IDLE_DAYS = 7;
const LONGEST_DAYS = 30;
/** How long the token before the latest one still gives the latest: for a lost answer, or a second tab. */
const REPEATABLE_SECONDS = 10;

/** A crowd of refreshes with one token wait for each other, a few milliseconds each. */
const LOCK_MS = 2_000;
/** Of an account: a login ends the one that was not used for longest. So there is none that its owner does not see, or cannot end. */
const MAX_SESSIONS = 100;
const ROWS_PER_DELETION = 1_000;

const ALIVE = sql`expires_at > now()`;
/** To the minute what follows each refresh: a thief in the account is not to know when the owner's next one is due. */
const SHOWN = raw(
  `id, created_at AS "createdAt", date_trunc('minute', last_used_at) AS "lastUsedAt", date_trunc('minute', expires_at) AS "expiresAt", user_agent AS "userAgent"`,
);

export type NewSession = Pick<Session, 'id' | 'userId' | 'tokenGeneration' | 'family' | 'token' | 'userAgent'>;
export type ShownSession = Pick<Session, 'id' | 'createdAt' | 'lastUsedAt' | 'expiresAt' | 'userAgent'>;
export type SessionStanding = Pick<Session, 'id' | 'userId' | 'expiresAt'>;
export type Rotation = Pick<Session, 'id' | 'token' | 'parent' | 'sealedChild'>;

export interface LockedSession extends Rotation, Pick<Session, 'userId' | 'tokenGeneration'> {
  /** Its latest token is so young that the one before it may be answered with it again. */
  readonly isRepeatable: boolean;
}

@Injectable()
export class SessionsRepository {
  readonly standings: Gathered<SessionStanding>;

  constructor(private readonly database: Database) {
    const select = sql`SELECT id, user_id AS "userId", expires_at AS "expiresAt" FROM sessions`;
    this.standings = database.gather({ name: 'sessions_by_id', by: 'id', type: 'uuid', select });
  }

  async insert({ id, userId, tokenGeneration, family, token, userAgent }: NewSession): Promise<void> {
    const [row] = await this.database.write<{ before: string }>(sql`
      INSERT INTO sessions (id, user_id, token_generation, family, token, user_agent, expires_at)
      VALUES (${id}, ${userId}, ${tokenGeneration}, ${family}, ${token}, ${userAgent},
        now() + make_interval(days => ${IDLE_DAYS}))
      RETURNING (SELECT count(*) FROM sessions AS other WHERE other.user_id = sessions.user_id) AS before`);
    if (Number(row?.before) >= MAX_SESSIONS) await this.removeSurplusOf(userId);
  }

  private async removeSurplusOf(userId: string): Promise<void> {
    await this.database.write(sql`
      DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE user_id = ${userId} ORDER BY (${ALIVE}) DESC, last_used_at DESC, id DESC
        OFFSET ${MAX_SESSIONS}
      ) RETURNING id`);
  }

  /** Locks the living session of a family for the work, which may find none; in the round trip of the BEGIN. */
  locked<T>(family: string, work: (session: LockedSession | undefined) => Promise<T>): Promise<T> {
    const found = sql`
      SELECT id, user_id AS "userId", token_generation AS "tokenGeneration", token, parent, sealed_child AS "sealedChild",
        last_used_at > now() - make_interval(secs => ${REPEATABLE_SECONDS}) AS "isRepeatable"
      FROM sessions WHERE family = ${family} AND ${ALIVE} FOR UPDATE`;
    return this.database.transaction(([rows]) => work(rows?.[0] as LockedSession | undefined), {
      first: [found],
      lockMs: LOCK_MS,
    });
  }

  async rotate({ id, token, parent, sealedChild }: Rotation): Promise<void> {
    await this.database.rows(sql`
      UPDATE sessions SET token = ${token}, parent = ${parent}, sealed_child = ${sealedChild}, last_used_at = now(),
        expires_at = least(now() + make_interval(days => ${IDLE_DAYS}), created_at + make_interval(days => ${LONGEST_DAYS}))
      WHERE id = ${id}`);
  }

  /** The last used first. */
  listOf(userId: string): Promise<ShownSession[]> {
    return this.database.rows<ShownSession>(sql`
      SELECT ${SHOWN} FROM sessions WHERE user_id = ${userId} AND ${ALIVE}
      ORDER BY last_used_at DESC, id DESC LIMIT ${MAX_SESSIONS}`);
  }

  /** False if the account has no such session. */
  async remove(id: string, userId: string): Promise<boolean> {
    const rows = await this.database.write(
      sql`DELETE FROM sessions WHERE id = ${id} AND user_id = ${userId} RETURNING id`,
    );
    return rows.length > 0;
  }

  /** What was removed. */
  async removeFamily(family: string): Promise<Pick<Session, 'id' | 'userId'> | undefined> {
    const [row] = await this.database.write<Pick<Session, 'id' | 'userId'>>(
      sql`DELETE FROM sessions WHERE family = ${family} RETURNING id, user_id AS "userId"`,
    );
    return row;
  }

  async removeAllOf(userId: string): Promise<void> {
    await this.database.write(sql`DELETE FROM sessions WHERE user_id = ${userId} RETURNING id`);
  }

  /** Deletes those that have expired, a thousand at a time; whom another instance deletes is left to it. */
  async removeExpired(): Promise<void> {
    for (;;) {
      const gone = await this.database.rows(sql`
        DELETE FROM sessions WHERE id = ANY(ARRAY(
          SELECT id FROM sessions WHERE NOT (${ALIVE}) ORDER BY expires_at LIMIT ${ROWS_PER_DELETION} FOR UPDATE SKIP LOCKED
        )) RETURNING 1`);
      if (gone.length < ROWS_PER_DELETION) return;
    }
  }
}
