import { type Cache, Caches } from '@app/caching';
import { regularly } from '@app/database';
import { defineProblem, type Principal, type Refusal } from '@app/http';
import { Telemetry } from '@app/telemetry';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Session } from './session.entity';
import { type SessionList, toSessionView } from './sessions.dto';
import { type LockedSession, type SessionStanding, SessionsRepository } from './sessions.repository';
import { RefreshToken } from './sessions.tokens';

export const sessionNotFound: Refusal = defineProblem({
  status: 404,
  code: 'session_not_found',
  title: 'The account has no such session',
});

/** Whose a session is: as long as the account is of this generation. */
export interface SessionOwner {
  readonly id: string;
  readonly tokenGeneration: number;
}

export interface OpenSession {
  readonly id: string;
  readonly owner: SessionOwner;
  /** Shown this once: what is stored can't be used. */
  readonly refreshToken: string;
}

const SWEEPING_MS = 15 * 60_000;
const MAX_USER_AGENT = 200;

@Injectable()
export class Sessions implements OnModuleInit, OnModuleDestroy {
  /** Not shared through Redis, like the standings of accounts: whoever could write there could bring an ended session back. */
  private readonly standings: Cache<SessionStanding>;
  private stopSweeping: () => void = () => undefined;

  constructor(
    private readonly rows: SessionsRepository,
    private readonly telemetry: Telemetry,
    caches: Caches,
  ) {
    this.standings = caches.open<SessionStanding>('session_standing', {
      rowsOf: Session,
      ttl: '10m',
      load: rows.standings,
    });
  }

  onModuleInit(): void {
    this.stopSweeping = regularly(SWEEPING_MS, () => this.rows.removeExpired());
  }

  onModuleDestroy(): void {
    this.stopSweeping();
  }

  async begin(owner: SessionOwner, userAgent: string | undefined): Promise<OpenSession> {
    const token = RefreshToken.create();
    const session = { id: uuidv7(), userId: owner.id, tokenGeneration: owner.tokenGeneration };
    const { family, digest } = token;
    await this.rows.insert({ ...session, family, token: digest, userAgent: nameOf(userAgent) });
    this.telemetry.emit('session.begun', { accountId: owner.id, sessionId: session.id });
    return { id: session.id, owner, refreshToken: token.text };
  }

  /** Whether the session goes on at this moment, on every instance. */
  async isOpen(id: string, userId: string): Promise<boolean> {
    const standing = await this.standings.get(id);
    return standing?.userId === userId && standing.expiresAt.getTime() > Date.now();
  }

  /**
   * The session with its next refresh token; undefined for a token that is not, or not any more, worth one. One that was used
   * before is in two hands: nobody can tell which is the thief's, so the session ends for both. Except at once after its use: an
   * answer may have been lost, and tabs share a token; they get the same one again.
   */
  async renew(text: string): Promise<OpenSession | undefined> {
    const token = RefreshToken.read(text);
    return (
      token &&
      this.rows.locked(token.family, async (session) => {
        if (!session) return undefined;
        const next = (await this.successor(token, session)) ?? (await this.revoke(session));
        const owner = { id: session.userId, tokenGeneration: session.tokenGeneration };
        return next && { id: session.id, owner, refreshToken: next.text };
      })
    );
  }

  async list({ id: userId, sessionId }: Principal): Promise<SessionList> {
    const rows = await this.rows.listOf(userId);
    return { data: rows.map((row) => toSessionView(row, row.id === sessionId)) };
  }

  /** Ends one of the caller's. */
  async remove({ id: userId }: Principal, id: string): Promise<void> {
    if (!(await this.end(id, userId))) sessionNotFound(`You have no session with the id ${id}.`);
  }

  /** False if the account has no such session. */
  async end(id: string, userId: string): Promise<boolean> {
    const isEnded = await this.rows.remove(id, userId);
    if (isEnded) this.telemetry.emit('session.ended', { accountId: userId, sessionId: id });
    return isEnded;
  }

  /** Ends the session that a refresh token is of, whether or not it is the latest; nothing if it is of none. */
  async endOf(refreshToken: string): Promise<void> {
    const token = RefreshToken.read(refreshToken);
    const ended = token && (await this.rows.removeFamily(token.family));
    if (ended) this.telemetry.emit('session.ended', { accountId: ended.userId, sessionId: ended.id });
  }

  /** Ends every session of an account; joins the transaction that it is called in. */
  async endAll(userId: string): Promise<void> {
    await this.rows.removeAllOf(userId);
  }

  private async successor(token: RefreshToken, session: LockedSession): Promise<RefreshToken | undefined> {
    const { digest } = token;
    if (digest === session.token) {
      const { child, sealed } = token.next(session.id);
      await this.rows.rotate({ id: session.id, token: child.digest, parent: digest, sealedChild: sealed });
      return child;
    }
    if (digest !== session.parent || session.sealedChild === null || !session.isRepeatable) return undefined;
    return token.open(session.sealedChild, session.id);
  }

  private async revoke({ id, userId }: LockedSession): Promise<undefined> {
    await this.rows.remove(id, userId);
    this.telemetry.emit('session.revoked', { accountId: userId, sessionId: id });
  }
}

/** What a browser calls itself, as far as it can be shown anywhere. */
function nameOf(userAgent = ''): string | null {
  const shown = userAgent.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return shown.slice(0, MAX_USER_AGENT) || null;
}
