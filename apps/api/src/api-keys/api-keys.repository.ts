import { Database, type Gathered, raw, sql } from '@app/database';
import type { Scope } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { ApiKey } from './api-key.entity';

/** What its owner sees of a key. */
export type ListedKey = Omit<ApiKey, 'digest' | 'ownerId'> & { readonly lastUsedAt?: Date | null };
export type NewKey = Omit<ApiKey, 'createdAt'>;

/** What a key is worth, to whoever presents it. */
export interface Grant {
  readonly id: string;
  readonly ownerId: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

type GrantRow = Pick<ApiKey, 'id' | 'ownerId' | 'scopes' | 'expiresAt'>;

/** The columns of a `ListedKey`, but for when it was used. */
const LISTED = raw(`id, name, prefix, scopes, created_at AS "createdAt", expires_at AS "expiresAt"`);

@Injectable()
export class ApiKeysRepository {
  /** By digest. */
  readonly grants: Gathered<Grant>;

  constructor(private readonly database: Database) {
    const select = sql`SELECT digest, id, owner_id AS "ownerId", scopes, expires_at AS "expiresAt" FROM api_keys`;
    this.grants = database
      .gather<GrantRow>({ name: 'api_keys_by_digest', by: 'digest', type: 'text', select })
      .as(({ id, ownerId, scopes, expiresAt }) => ({ id, ownerId, scopes, expiresAt: expiresAt.getTime() }));
  }

  list(ownerId: string): Promise<ListedKey[]> {
    return this.database.rows(sql`
      SELECT ${LISTED}, date_trunc('minute', last_used_at) AS "lastUsedAt" FROM api_keys LEFT JOIN api_key_uses USING (id)
      WHERE owner_id = ${ownerId} ORDER BY created_at DESC, id DESC`);
  }

  /** Undefined if its owner has so many keys already; exact only while nobody else can add one. */
  async insert(
    { id, ownerId, name, prefix, digest, scopes, expiresAt }: NewKey,
    max: number,
  ): Promise<ListedKey | undefined> {
    const [row] = await this.database.rows<ListedKey>(sql`
      INSERT INTO api_keys (id, owner_id, name, prefix, digest, scopes, expires_at)
      SELECT ${id}::uuid, ${ownerId}::uuid, ${name}::text, ${prefix}::text, ${digest}::text, ${scopes}::text[],
        ${expiresAt}::timestamptz
      WHERE (SELECT count(*) FROM api_keys WHERE owner_id = ${ownerId}::uuid) < ${max}
      RETURNING ${LISTED}`);
    return row;
  }

  /** False if the owner has no such key. */
  async delete(id: string, ownerId: string): Promise<boolean> {
    const rows = await this.database.write(
      sql`DELETE FROM api_keys WHERE id = ${id} AND owner_id = ${ownerId} RETURNING id`,
    );
    return rows.length > 0;
  }

  /** Within the caller's transaction. */
  async deleteAllOf(ownerId: string): Promise<void> {
    await this.database.rows(sql`DELETE FROM api_keys WHERE owner_id = ${ownerId}`);
  }

  /**
   * That these keys are being used, unless another instance has said so within the minute. In one order, so that two instances don't wait
   * for each other; a key that somebody is deleting is left out instead of waited for.
   */
  async noteUses(ids: readonly string[]): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO api_key_uses AS known (id, last_used_at)
      SELECT id, now() FROM (
        SELECT id FROM api_keys WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR KEY SHARE SKIP LOCKED
      ) AS used
      ON CONFLICT (id) DO UPDATE SET last_used_at = excluded.last_used_at
      WHERE known.last_used_at <= now() - interval '1 minute'`);
  }
}
