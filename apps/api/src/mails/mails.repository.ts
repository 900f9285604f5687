import { Database, sql } from '@app/database';
import type { Backlog } from '@app/telemetry';
import { Injectable } from '@nestjs/common';
import type { MailKind, MailRequest } from './mail-request.entity';

/** More of a kind wait for no address, however often somebody asks. */
const MAX_PENDING = 3;
/** Longer than a mail may take: whoever dies with it leaves it to the next. */
const LEASE_SECONDS = 60;

export type ClaimedRequest = Pick<MailRequest, 'id' | 'kind' | 'address' | 'userId' | 'attempts'> & {
  readonly isLast: boolean;
};

@Injectable()
export class MailRequestsRepository {
  constructor(private readonly database: Database) {}

  /** One statement, the same for every address. */
  async insert(id: string, kind: MailKind, address: string, userId: string | undefined): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO mail_requests (id, kind, address, user_id)
      SELECT ${id}::uuid, ${kind}::text, ${address}::text, ${userId}::uuid
      WHERE (SELECT count(*) FROM mail_requests WHERE address = ${address} AND kind = ${kind}) < ${MAX_PENDING}`);
  }

  /** Takes what is due, as far as nobody else has it. @param lifeSeconds after which an attempt is the last one */
  claim(limit: number, lifeSeconds: number): Promise<ClaimedRequest[]> {
    return this.database.rows<ClaimedRequest>(sql`
      UPDATE mail_requests SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => ${LEASE_SECONDS})
      WHERE id = ANY(ARRAY(
        SELECT id FROM mail_requests WHERE next_attempt_at <= now() ORDER BY next_attempt_at LIMIT ${limit}
        FOR UPDATE SKIP LOCKED
      ))
      RETURNING id, kind, address, user_id AS "userId", attempts, requested_at < now() - make_interval(secs => ${lifeSeconds}) AS "isLast"`);
  }

  /** What is not sent yet. */
  async backlog(): Promise<Backlog> {
    const [row] = await this.database.rows<Backlog>(sql`
      SELECT count(*)::integer AS waiting, coalesce(extract(epoch FROM now() - min(requested_at)), 0)::float8 AS "oldestSeconds"
      FROM mail_requests`);
    return row as Backlog;
  }

  async delete(id: string): Promise<void> {
    await this.database.rows(sql`DELETE FROM mail_requests WHERE id = ${id}`);
  }

  async postpone(id: string, seconds: number): Promise<void> {
    await this.database.rows(
      sql`UPDATE mail_requests SET next_attempt_at = now() + make_interval(secs => ${seconds}) WHERE id = ${id}`,
    );
  }
}
