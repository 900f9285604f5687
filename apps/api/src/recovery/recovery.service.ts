import { randomBytes } from 'node:crypto';
import { failureOf, regularly } from '@app/database';
import { defineProblem, type Refusal } from '@app/http';
import { Mailer, MailRefused } from '@app/mail';
import { digestOf } from '@app/sealing';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type ClaimedRequest, type MailKind, MailRequests, Undeliverable } from '../mails/mails.service';
import { ApiKeysService } from '../api-keys/api-keys.service';
import { Credentials } from '../users/users.credentials.service';
import { emailTaken, UsersService } from '../users/users.service';
import type { PasswordReset } from './recovery.dto';
import { type Links, mailOf } from './recovery.mails';
import { type Holder, RecoveryRepository } from './recovery.repository';

/** The same whether it is unknown, used, expired or of an account that has moved on. */
export const invalidResetToken: Refusal = defineProblem({
  status: 400,
  code: 'invalid_reset_token',
  title: 'The token for a new password is not valid, or not any more',
});
export const invalidVerificationToken: Refusal = defineProblem({
  status: 400,
  code: 'invalid_verification_token',
  title: 'The token for an address is not valid, or not any more',
});

export const LINKS = Symbol('links of mails');
const TOKEN_BYTES = 32;
const LIFE_SECONDS: Record<MailKind, number> = {
  password_reset: 3_600,
  email_verification: 86_400,
  email_change: 3_600,
};
const SWEEPING_MS = 15 * 60_000;

const digestOfText = (token: string): string => digestOf(Buffer.from(token));

/** What an address proves: who reads its mail may choose a new password, and owns the address. */
@Injectable()
export class Recovery implements OnModuleInit, OnModuleDestroy {
  private stopSweeping: () => void = () => undefined;

  constructor(
    private readonly rows: RecoveryRepository,
    private readonly requests: MailRequests,
    private readonly credentials: Credentials,
    private readonly users: UsersService,
    private readonly apiKeys: ApiKeysService,
    private readonly mailer: Mailer,
    @Inject(LINKS) private readonly links: Links,
  ) {}

  onModuleInit(): void {
    this.requests.deliverBy((request) => this.deliver(request));
    this.stopSweeping = regularly(SWEEPING_MS, () => this.rows.removeExpired());
  }

  onModuleDestroy(): void {
    this.stopSweeping();
  }

  /** The same work for every address; who has an account is asked later, where nobody measures it. */
  requestReset(email: string): Promise<void> {
    return this.requests.add('password_reset', email);
  }

  async requestVerification(id: string): Promise<void> {
    const { email, pendingEmail } = await this.users.get(id);
    await this.requests.add('email_verification', pendingEmail ?? email, id);
  }

  /** The token is looked at before anything expensive is done, and used up together with the effect. */
  async reset({ token, newPassword }: PasswordReset): Promise<void> {
    const [digest, holder] = await this.holderOf(token, 'password_reset');
    const isReset =
      holder !== undefined &&
      (await this.credentials.resetPassword({ ...accountOf(holder), newPassword }, async () => {
        if (!(await this.rows.consume(digest, 'password_reset', holder))) return false;
        // Somebody else may have made them, who is the reason why the owner has to do this.
        await this.apiKeys.removeAllOf(holder.userId);
        return true;
      }));
    if (!isReset) invalidResetToken('Ask for another mail.');
  }

  async verify(token: string): Promise<void> {
    const [digest, holder] = await this.holderOf(token, 'email_verification');
    const isVerified =
      holder !== undefined &&
      (await this.credentials
        .verifyEmail(accountOf(holder), () => this.rows.consume(digest, 'email_verification', holder))
        .catch(refuseTaken));
    if (!isVerified) invalidVerificationToken('Ask for another mail.');
  }

  private async holderOf(token: string, kind: MailKind): Promise<[digest: string, holder: Holder | undefined]> {
    const digest = digestOfText(token);
    return [digest, await this.rows.findHolder(digest, kind)];
  }

  private async deliver({ id, kind, address, userId }: ClaimedRequest): Promise<void> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const made = { id, digest: digestOfText(token), kind, address, userId, lifeSeconds: LIFE_SECONDS[kind] };
    if (!(await this.rows.insertForAccount(made))) return;
    await this.mailer.send(mailOf(kind, address, token, this.links)).catch((error: unknown) => {
      throw error instanceof MailRefused ? new Undeliverable(error.message) : error;
    });
  }
}

/** Of its own, without a pointer: the body has no address that could be to blame. */
function refuseTaken(cause: unknown): never {
  if (failureOf(cause)?.constraint !== emailTaken.definition.constraint) throw cause;
  return emailTaken('Another account has got the address meanwhile.', { cause });
}

const accountOf = ({ userId, address }: Holder): { id: string; email: string } => ({ id: userId, email: address });
