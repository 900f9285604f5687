import { type Cache, Caches } from '@app/caching';
import { Database } from '@app/database';
import { type Principal, refuseBody } from '@app/http';
import { Guesses } from '@app/limits';
import { Telemetry } from '@app/telemetry';
import { Injectable } from '@nestjs/common';
import { Sessions } from '../sessions/sessions.service';
import type { PasswordChange } from './users.dto';
import { canonical, Passwords } from './users.passwords';
import { User } from './user.entity';
import { type LockedAccount, type Secrets, type Standing, UsersRepository } from './users.repository';

/** What a login is worth: as long as the account is active and its tokens are of this generation. */
export interface Login {
  readonly id: string;
  readonly tokenGeneration: number;
}

@Injectable()
export class Credentials {
  /** Not shared through Redis: whoever could write there could make himself an administrator. */
  private readonly standings: Cache<Standing>;

  constructor(
    private readonly rows: UsersRepository,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly database: Database,
    private readonly guesses: Guesses,
    private readonly telemetry: Telemetry,
    caches: Caches,
  ) {
    this.standings = caches.open<Standing>('user_standing', { rowsOf: User, ttl: '10m', load: rows.standings });
  }

  /**
   * Undefined also for a disabled account. Each outcome takes the same time.
   * @param email in its one spelling
   * @param address of the caller, as it counts for limits
   */
  async findLogin(email: string, password: string, address: string): Promise<Login | undefined> {
    let named: Secrets | undefined;
    const login = await this.guesses.allow(email, address, async (spend) => {
      const user = await this.passwords.match(password, async () => {
        await spend();
        return (named = await this.rows.findSecrets({ email }));
      });
      return user?.status === 'active' ? user : undefined;
    });
    if (!login) this.telemetry.emit('login.failed', { accountId: named?.id, address });
    return login;
  }

  /** Who a login makes its bearer at this moment; undefined: nobody any more. */
  async findPrincipal({ id, tokenGeneration }: Login): Promise<Principal | undefined> {
    const standing = await this.standings.get(id);
    const isCurrent = standing?.status === 'active' && standing.tokenGeneration === tokenGeneration;
    return isCurrent ? { id, isAdmin: standing.role === 'admin' } : undefined;
  }

  /** Whether anybody may act for the account at this moment. */
  async isActive(id: string): Promise<boolean> {
    return (await this.standings.get(id))?.status === 'active';
  }

  /**
   * Runs the work of an owner who was verified, in a transaction, while the account is active and nothing happens to it; undefined if it is
   * not active. Refuses if the password was replaced since.
   */
  whileActive<T>(owner: Login, work: () => Promise<T>): Promise<T | undefined> {
    return this.rows.locked(owner.id, async (account) => {
      if (account?.status !== 'active') return undefined;
      refuseReplaced(owner, account);
      return work();
    });
  }

  /** Ends every login that was before. */
  async changePassword(caller: Principal, { currentPassword, newPassword }: PasswordChange): Promise<void> {
    const { id } = caller;
    const { passwordHash, email } = await this.verifyOwner(caller, currentPassword);
    refuseOwnAddress(newPassword, email as string, '/newPassword');
    const hash = await this.passwords.hash(newPassword);
    await this.database.transaction(async () => {
      const isReplaced = await this.rows.replacePassword(id, passwordHash, hash);
      if (!isReplaced) refuseChanged();
      await this.sessions.endAll(id);
    });
    this.telemetry.emit('password.changed', { accountId: id });
  }

  /**
   * Ends every login that was before. False unless the account is active, still has the address, and `redeem`, which is called
   * while nothing else happens to the account, says so.
   */
  async resetPassword(
    { id, email, newPassword }: { id: string; email: string; newPassword: string },
    redeem: () => Promise<boolean>,
  ): Promise<boolean> {
    refuseOwnAddress(newPassword, email, '/newPassword');
    const hash = await this.passwords.hash(newPassword);
    const isReset = await this.whileReachable(id, email, async () => {
      if (!(await redeem())) return false;
      await this.rows.resetPassword(id, hash);
      await this.sessions.endAll(id);
      return true;
    });
    if (!isReset) return false;
    this.telemetry.emit('password.changed', { accountId: id });
    // Whoever forgot a password has tried it often before.
    await this.guesses.forget(email);
    return true;
  }

  /** False under the same conditions. If the address is the one that the account is to move to, it moves. */
  async verifyEmail({ id, email }: { id: string; email: string }, redeem: () => Promise<boolean>): Promise<boolean> {
    const isMoved = await this.rows.locked(id, async (account) => {
      const isMove = account?.pendingEmail === email;
      if (account?.status !== 'active' || !(isMove || account.email === email) || !(await redeem())) return undefined;
      await (isMove ? this.rows.moveToPendingEmail(id) : this.rows.verifyEmail(id));
      return isMove;
    });
    if (isMoved) this.telemetry.emit('email.changed', { accountId: id });
    return isMoved !== undefined;
  }

  /**
   * Refuses what is not the account's password. Checking takes a while: what it was for is done only while the answer's `tokenGeneration`
   * is still the account's. Each session has guesses of its own: a thief with a token must not use up the owner's.
   */
  async verifyOwner({ id, sessionId = id }: Principal, password: string): Promise<Secrets> {
    const owner = await this.guesses.allow(sessionId, 'with a login', (spend) =>
      this.passwords.match(password, async () => {
        await spend();
        return this.rows.findSecrets({ id });
      }),
    );
    if (owner) return owner;
    this.telemetry.emit('login.failed', { accountId: id });
    return refuseCurrentPassword('wrong_password', 'is not the password');
  }

  private whileReachable(id: string, email: string, work: () => Promise<boolean>): Promise<boolean> {
    return this.rows.locked(id, async (account) =>
      account?.status === 'active' && account.email === email ? work() : false,
    );
  }
}

export function refuseCurrentPassword(code: string, detail: string): never {
  return refuseBody([{ code, detail, pointer: '/currentPassword' }]);
}

function refuseChanged(): never {
  return refuseCurrentPassword('wrong_password', 'was changed at the same moment');
}

/** Whoever secures an account has the last word: nothing is done after it because of a password that was checked before it. */
export function refuseReplaced(owner: Login, { tokenGeneration }: LockedAccount): void {
  if (owner.tokenGeneration !== tokenGeneration) refuseChanged();
}

/** Whoever guesses begins with what he knows: the address, and the name in it. */
export function refuseOwnAddress(password: string, email: string, pointer: string): void {
  const words = [email, email.slice(0, email.lastIndexOf('@'))];
  if (words.includes(canonical(password).trim().toLowerCase()))
    refuseBody([{ code: 'too_common', detail: 'must not be the own address', pointer }]);
}
