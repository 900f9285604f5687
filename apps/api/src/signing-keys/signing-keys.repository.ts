import { Database, sql, type Sql } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { SigningKey } from './signing-key.entity';

export type StoredKey = Pick<SigningKey, 'id' | 'sealed' | 'signsFrom' | 'endsAt'>;
export type NewKey = Pick<SigningKey, 'id' | 'sealed'>;

export interface Succession {
  /** From now until the new key signs. */
  readonly leadSeconds: number;
  /** From then until nothing that an older key has signed is valid any more. */
  readonly overlapSeconds: number;
}

@Injectable()
export class SigningKeysRepository {
  constructor(private readonly database: Database) {}

  /** Those that have not ended, the newest first. */
  living(): Promise<StoredKey[]> {
    return this.database.rows<StoredKey>(sql`
      SELECT id, sealed, signs_from AS "signsFrom", ends_at AS "endsAt" FROM signing_keys
      WHERE ends_at IS NULL OR ends_at > now() ORDER BY signs_from DESC, id`);
  }

  /** Stores the key unless there is one that has no end; the same for all instances that start at once. */
  insertFirst(key: NewKey): Promise<void> {
    return this.alone(async () => {
      const present = await this.database.rows(sql`SELECT 1 FROM signing_keys WHERE ends_at IS NULL LIMIT 1`);
      if (present.length === 0) await this.database.rows(insertion(key, 0));
    });
  }

  /** Stores the key, and an end for those before it. */
  succeed(key: NewKey, { leadSeconds, overlapSeconds }: Succession): Promise<void> {
    return this.alone(async () => {
      await this.database.rows(sql`
        UPDATE signing_keys SET ends_at = greatest(signs_from, now() + make_interval(secs => ${leadSeconds}))
          + make_interval(secs => ${overlapSeconds}) WHERE ends_at IS NULL`);
      await this.database.rows(insertion(key, leadSeconds));
    });
  }

  /** Stores the key as the only one. */
  replaceAll(key: NewKey): Promise<void> {
    return this.alone(async () => {
      await this.database.rows(sql`DELETE FROM signing_keys`);
      await this.database.rows(insertion(key, 0));
    });
  }

  async removeEnded(): Promise<void> {
    await this.database.write(sql`DELETE FROM signing_keys WHERE ends_at <= now() RETURNING id`);
  }

  /** Nobody else changes keys meanwhile. */
  private alone(work: () => Promise<void>): Promise<void> {
    const lock = sql`SELECT pg_advisory_xact_lock(hashtextextended('signing keys', 0))`;
    return this.database.transaction(work, { first: [lock] });
  }
}

const insertion = ({ id, sealed }: NewKey, leadSeconds: number): Sql => sql`
  INSERT INTO signing_keys (id, sealed, signs_from) VALUES (${id}, ${sealed}, now() + make_interval(secs => ${leadSeconds}))`;
