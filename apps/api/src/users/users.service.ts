import { type Cache, Caches } from '@app/caching';
import { ConfigError } from '@app/config';
import { Database } from '@app/database';
import { defineProblem, type Page, Pages, type Precondition, type Principal, type Refusal } from '@app/http';
import { Telemetry } from '@app/telemetry';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { MailRequests } from '../mails/mails.service';
import { Sessions } from '../sessions/sessions.service';
import { type AccountRow, type Role, User } from './user.entity';
import {
  type Account,
  type AccountDeletion,
  email,
  type NewAccount,
  type ProfileChanges,
  PublicProfile,
  type StandingChanges,
  toAccount,
  toPublicProfile,
} from './users.dto';
import {
  Credentials,
  type Login,
  refuseCurrentPassword,
  refuseOwnAddress,
  refuseReplaced,
} from './users.credentials.service';
import { Passwords } from './users.passwords';
import type { ListUsersQuery } from './users.query.dto';
import { type LockedAccount, UsersRepository, type UserValues } from './users.repository';

export { DEMO_USER } from './users.demo';
export { email, givenPassword, newPassword, PublicProfile } from './users.dto';

export const userNotFound: Refusal = defineProblem({
  status: 404,
  code: 'user_not_found',
  title: 'There is no such user',
});
export const emailTaken: Refusal = defineProblem({
  status: 409,
  code: 'email_taken',
  title: 'Another account has this e-mail address',
  constraint: 'users_email_key',
  pointer: '/email',
});
export const lastAdmin: Refusal = defineProblem({
  status: 409,
  code: 'last_admin',
  title: 'Nobody else is an active administrator',
});

@Injectable()
export class UsersService {
  private readonly publicProfiles: Cache<PublicProfile>;

  constructor(
    private readonly rows: UsersRepository,
    private readonly pages: Pages,
    private readonly passwords: Passwords,
    private readonly credentials: Credentials,
    private readonly sessions: Sessions,
    private readonly mails: MailRequests,
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    caches: Caches,
  ) {
    const load = rows.accounts.as(toPublicProfile);
    this.publicProfiles = caches.open('user_profile', { rowsOf: User, ttl: '1h', view: PublicProfile, load });
  }

  async signUp({ password, ...account }: NewAccount): Promise<Account> {
    refuseOwnAddress(password, account.email, '/password');
    const passwordHash = await this.passwords.hash(password);
    const row = await this.rows.insert({ ...account, id: uuidv7(), role: 'user', passwordHash });
    // The account is made: who gets no mail asks for one.
    await this.mails.add('email_verification', account.email, row.id).catch(() => undefined);
    return toAccount(row);
  }

  /** Makes the account unless its e-mail or id is known; answers whether it was made. Safe when instances start together. */
  async ensureAccount({ password, ...account }: NewAccount & { id?: string; role: Role }): Promise<boolean> {
    const passwordHash = await this.passwords.hash(password);
    const address = email.normalize(account.email) as string;
    return this.rows.insertIfAbsent({ id: uuidv7(), ...account, email: address, passwordHash });
  }

  async get(id: string): Promise<Account> {
    return toAccount((await this.rows.find(id)) ?? userNotFound(`No user has the id ${id}.`));
  }

  async getProfile(id: string): Promise<PublicProfile> {
    return (await this.publicProfiles.get(id)) ?? userNotFound(`No user has the id ${id}.`);
  }

  /** Public profiles by id; deleted accounts have none. */
  profiles(ids: readonly string[]): Promise<Map<string, PublicProfile>> {
    return this.publicProfiles.getMany(ids);
  }

  /** The oldest active administrator; commands act in its name. Fails with a sentence when there is none. */
  async firstAdmin(): Promise<{ id: string }> {
    const admin = await this.rows.findFirstAdmin();
    if (!admin) throw new ConfigError('There is no administrator: set ADMIN_EMAIL and ADMIN_PASSWORD.');
    return admin;
  }

  list({ limit, cursor, ...filter }: ListUsersQuery): Promise<Page<Account>> {
    const page = { limit, cursor };
    return this.pages.read(page, { users: filter }, (window) => this.rows.page(filter, window), toAccount);
  }

  /** Another address is only noted: the mails tell the old one, and ask the new one, whether or not somebody else has it. */
  async updateProfile(
    caller: Principal,
    { currentPassword, email: address, ...changes }: ProfileChanges,
    precondition: Precondition,
  ): Promise<Account> {
    if (address === undefined) return this.changeOwn(caller.id, changes, precondition);
    const present = (await this.rows.find(caller.id))?.email;
    if (address === present) return this.changeOwn(caller.id, { ...changes, pendingEmail: null }, precondition);
    // Whoever has only a token must not take over the account by its address.
    if (currentPassword === undefined) refuseCurrentPassword('required', 'is required for another e-mail address');
    const owner = await this.credentials.verifyOwner(caller, currentPassword);
    const { id, email: from } = owner;
    return this.database.transaction(async () => {
      const account = await this.changeOwn(id, { ...changes, pendingEmail: address }, precondition, owner);
      await this.mails.add('email_change', from as string, id);
      await this.mails.add('email_verification', address, id);
      return account;
    });
  }

  /** By an administrator. */
  async changeStanding(
    { id: byAccountId }: Principal,
    id: string,
    changes: StandingChanges,
    precondition: Precondition,
  ): Promise<Account> {
    const account = await this.change(id, changes, precondition);
    const { role, status } = account;
    this.telemetry.emit('account.changed', { accountId: id, byAccountId, role, status });
    return account;
  }

  /** @param owner if the change takes the password, as it was verified */
  private async changeOwn(
    id: string,
    changes: Partial<UserValues>,
    precondition: Precondition,
    owner?: Login,
  ): Promise<Account> {
    const expected = { versions: precondition.versionsOf(id), tokenGeneration: owner?.tokenGeneration };
    const changed = await this.rows.updateProfile(id, changes, expected);
    return changed ? toAccount(changed) : this.change(id, changes, precondition, owner);
  }

  private change(
    id: string,
    changes: Partial<UserValues>,
    precondition: Precondition,
    owner?: Login,
  ): Promise<Account> {
    return this.rows.locked(id, async (found) => {
      const current = verified(id, found, precondition, owner);
      // What was asked for before an account is disabled is not done after it.
      const pendingEmail = changes.status === 'disabled' ? null : current.pendingEmail;
      const values = { ...current, pendingEmail, ...changes };
      if (CHANGEABLE.every((column) => values[column] === current[column])) return toAccount(current);
      await this.keepAnAdmin(current, values);
      if (values.status !== 'active') await this.sessions.endAll(id);
      return toAccount(await this.rows.update(id, values));
    });
  }

  /** By its owner, who is more than whoever holds a token. */
  async removeOwn(caller: Principal, { currentPassword }: AccountDeletion, precondition: Precondition): Promise<void> {
    const owner = await this.credentials.verifyOwner(caller, currentPassword);
    await this.remove(caller, caller.id, precondition, owner);
  }

  /** By an administrator, or by its owner, who was verified. */
  async remove({ id: byAccountId }: Principal, id: string, precondition: Precondition, owner?: Login): Promise<void> {
    await this.rows.locked(id, async (found) => {
      const current = verified(id, found, precondition, owner);
      await this.keepAnAdmin(current);
      await this.sessions.endAll(id);
      await this.rows.erase(id);
    });
    this.telemetry.emit('account.deleted', { accountId: id, byAccountId });
  }

  private async keepAnAdmin(current: AccountRow, next?: UserValues): Promise<void> {
    const isLost = isActiveAdmin(current) && !(next && isActiveAdmin(next));
    if (isLost && !(await this.rows.lockOtherAdmins(current.id)))
      lastAdmin('Make somebody else an administrator first.');
  }
}

function verified(
  id: string,
  found: LockedAccount | undefined,
  precondition: Precondition,
  owner?: Login,
): LockedAccount {
  const current = found ?? userNotFound(`No user has the id ${id}.`);
  if (owner) refuseReplaced(owner, current);
  precondition.verify(current);
  return current;
}

const CHANGEABLE = ['pendingEmail', 'displayName', 'role', 'status'] as const satisfies readonly (keyof UserValues)[];

const isActiveAdmin = ({ role, status }: UserValues): boolean => role === 'admin' && status === 'active';
