import {
  Database,
  type Gathered,
  type KeysetOrder,
  keysetRows,
  type KeysetRows,
  type KeysetWindow,
  raw,
  sql,
  type Sql,
} from '@app/database';
import { Injectable } from '@nestjs/common';
import type { AccountRow, User } from './user.entity';
import { conditionsOf } from './users.filter';
import type { UserFilter } from './users.query.dto';

/** The columns of an `AccountRow`. */
const ACCOUNT = raw(
  `id, email, email_verified_at AS "emailVerifiedAt", pending_email AS "pendingEmail", display_name AS "displayName", role, status, version, created_at AS "createdAt", updated_at AS "updatedAt"`,
);
const CHANGED = sql`version = version + 1, updated_at = now()`;
const NEWEST_FIRST: KeysetOrder = { by: sql`created_at`, type: 'timestamptz', isDescending: true };

export type UserValues = Pick<User, 'pendingEmail' | 'displayName' | 'role' | 'status'>;
export type NewUser = Pick<User, 'id' | 'email' | 'displayName' | 'role' | 'passwordHash'>;
/** One that is locked, as it is at that moment. */
export type LockedAccount = AccountRow & Pick<User, 'tokenGeneration'>;
export type Standing = Pick<User, 'role' | 'status' | 'tokenGeneration'>;
export type Secrets = Pick<User, 'id' | 'email' | 'status' | 'passwordHash' | 'tokenGeneration'>;

@Injectable()
export class UsersRepository {
  readonly accounts: Gathered<AccountRow>;
  readonly standings: Gathered<Standing>;

  constructor(private readonly database: Database) {
    const accounts = sql`SELECT ${ACCOUNT} FROM users WHERE status <> 'deleted'`;
    const standings = sql`SELECT id, role, status, token_generation AS "tokenGeneration" FROM users`;
    this.accounts = database.gather({ name: 'accounts_by_id', by: 'id', type: 'uuid', select: accounts });
    this.standings = database.gather({ name: 'standings_by_id', by: 'id', type: 'uuid', select: standings });
  }

  find(id: string): Promise<AccountRow | undefined> {
    return this.one(sql`SELECT ${ACCOUNT} FROM users WHERE id = ${id} AND status <> 'deleted'`);
  }

  findSecrets(by: { id: string } | { email: string }): Promise<Secrets | undefined> {
    return this.one(sql`
      SELECT id, email, status, password_hash AS "passwordHash", token_generation AS "tokenGeneration" FROM users
      WHERE ${'id' in by ? sql`id = ${by.id}` : sql`email = ${by.email}`}`);
  }

  findFirstAdmin(): Promise<AccountRow | undefined> {
    return this.one(
      sql`SELECT ${ACCOUNT} FROM users WHERE role = 'admin' AND status = 'active' ORDER BY created_at, id LIMIT 1`,
    );
  }

  /** Locks the account for the work, which may find none; in the round trip of the BEGIN. */
  locked<T>(id: string, work: (account: LockedAccount | undefined) => Promise<T>): Promise<T> {
    const first = [
      sql`SELECT ${ACCOUNT}, token_generation AS "tokenGeneration" FROM users WHERE id = ${id} AND status <> 'deleted' FOR UPDATE`,
    ];
    return this.database.transaction(([rows]) => work(rows?.[0] as LockedAccount | undefined), { first });
  }

  /**
   * Whether another account is an active administrator, and until the transaction ends nobody else may ask. Two statements:
   * the second must see what the previous holder of the lock has committed.
   */
  async lockOtherAdmins(id: string): Promise<boolean> {
    await this.database.rows(sql`SELECT pg_advisory_xact_lock(hashtextextended('users: the last administrator', 0))`);
    const other = await this.one(
      sql`SELECT id FROM users WHERE role = 'admin' AND status = 'active' AND id <> ${id} LIMIT 1`,
    );
    return other !== undefined;
  }

  page(filter: UserFilter, window: KeysetWindow): Promise<KeysetRows<AccountRow>> {
    const where = conditionsOf(filter);
    return keysetRows(this.database, {
      columns: sql`${ACCOUNT}`,
      from: sql`users`,
      where,
      order: NEWEST_FIRST,
      window,
    });
  }

  /** Violates `users_email_key` if another account has the address. */
  async insert(user: NewUser): Promise<AccountRow> {
    const [row] = await this.database.write<AccountRow>(sql`${insertion(user)} RETURNING ${ACCOUNT}`);
    return row as AccountRow;
  }

  /** False if there is an account with this id or address. */
  async insertIfAbsent(user: NewUser): Promise<boolean> {
    const rows = await this.database.write(sql`${insertion(user)} ON CONFLICT DO NOTHING RETURNING id`);
    return rows.length > 0;
  }

  /** Undefined if there is no such account, or none of one of the versions or of the generation, or nothing in it would change. */
  async updateProfile(
    id: string,
    { pendingEmail, displayName }: Partial<Pick<UserValues, 'pendingEmail' | 'displayName'>>,
    { versions, tokenGeneration }: { versions: readonly number[] | undefined; tokenGeneration: number | undefined },
  ): Promise<AccountRow | undefined> {
    const next = sql`(
      ${pendingEmail === undefined ? sql`pending_email` : sql`${pendingEmail}::text`},
      ${displayName === undefined ? sql`display_name` : sql`${displayName}::text`}
    )`;
    const isChange = sql`(pending_email, display_name) IS DISTINCT FROM ${next}`;
    const [row] = await this.database.write<AccountRow>(sql`
      UPDATE users SET ${CHANGED}, (pending_email, display_name) = ROW ${next}
      WHERE id = ${id} AND status <> 'deleted' AND ${isChange} ${versions ? sql`AND version = ANY(${versions}::bigint[])` : sql``}
        ${tokenGeneration === undefined ? sql`` : sql`AND token_generation = ${tokenGeneration}`}
      RETURNING ${ACCOUNT}`);
    return row;
  }

  async update(id: string, { pendingEmail, displayName, role, status }: UserValues): Promise<AccountRow> {
    const row = await this.one<AccountRow>(sql`
      UPDATE users SET pending_email = ${pendingEmail}, display_name = ${displayName}, role = ${role}, status = ${status}, ${CHANGED},
        token_generation = token_generation + (CASE WHEN ${status} = 'disabled' THEN 1 ELSE 0 END)
      WHERE id = ${id} RETURNING ${ACCOUNT}`);
    return row as AccountRow;
  }

  /** Takes a move to another address back. False if the present hash is not the expected one any more. */
  async replacePassword(id: string, expected: string | null, hash: string): Promise<boolean> {
    const [row] = await this.database.write(sql`
      UPDATE users SET password_hash = ${hash}, pending_email = NULL, token_generation = token_generation + 1, ${CHANGED}
      WHERE id = ${id} AND password_hash = ${expected} RETURNING id`);
    return row !== undefined;
  }

  /** The account is locked. A mail has reached the owner, which proves the address as well; a move to another one is taken back. */
  async resetPassword(id: string, hash: string): Promise<void> {
    await this.database.rows(sql`
      UPDATE users SET password_hash = ${hash}, pending_email = NULL, token_generation = token_generation + 1,
        email_verified_at = coalesce(email_verified_at, now()), ${CHANGED}
      WHERE id = ${id}`);
  }

  /** The account is locked. */
  async verifyEmail(id: string): Promise<void> {
    await this.database.rows(
      sql`UPDATE users SET email_verified_at = coalesce(email_verified_at, now()), ${CHANGED} WHERE id = ${id}`,
    );
  }

  /** The account is locked. Violates `users_email_key` if another account has the address by now. */
  async moveToPendingEmail(id: string): Promise<void> {
    await this.database.rows(sql`
      UPDATE users SET email = pending_email, pending_email = NULL, email_verified_at = now(), ${CHANGED} WHERE id = ${id}`);
  }

  /** Leaves a shell without personal data. */
  async erase(id: string): Promise<void> {
    await this.database.rows(sql`
      UPDATE users SET status = 'deleted', role = 'user', email = NULL, pending_email = NULL, email_verified_at = NULL, password_hash = NULL, display_name = '',
        token_generation = token_generation + 1, ${CHANGED}
      WHERE id = ${id}`);
  }

  private async one<Row extends object>(statement: Sql): Promise<Row | undefined> {
    const [row] = await this.database.rows<Row>(statement);
    return row;
  }
}

const insertion = ({ id, email, displayName, role, passwordHash }: NewUser): Sql => sql`
  INSERT INTO users (id, email, display_name, role, password_hash)
  VALUES (${id}, ${email}, ${displayName}, ${role}, ${passwordHash})`;
