import { outside, regularly } from '@app/database';
import { Metrics, Telemetry } from '@app/telemetry';
import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type ClaimedRequest, MailRequestsRepository } from './mails.repository';
import type { MailKind } from './mail-request.entity';

export type { MailKind } from './mail-request.entity';
export type { ClaimedRequest } from './mails.repository';

/** Carries a request out; resolves also when there is nothing to send. */
export type Delivery = (request: ClaimedRequest) => Promise<void>;

/** What no attempt will mend. */
export class Undeliverable extends Error {}

const POLL_MS = 5_000;
/** Lets the answer go out first, and takes together what a crowd asks for. */
const GATHERING_MS = 20;
const AT_ONCE = 5;
const LIFE_SECONDS = 60 * 60;
const FIRST_DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 10 * 60;
/** What is under way when the instance stops gets this long; then another instance does it again. */
const FAREWELL_MS = 5_000;

/** Mails that are asked for now and sent soon: whoever asks never waits for a mail server, nor learns whom there is. */
@Injectable()
export class MailRequests implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private deliver?: Delivery;
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopPolling: () => void = () => undefined;
  private running?: Promise<void>;
  private isWoken = false;
  private isStopped = false;

  constructor(
    private readonly rows: MailRequestsRepository,
    private readonly telemetry: Telemetry,
    metrics: Metrics,
  ) {
    metrics.watchBacklog('mail_requests', 'Mails', () => rows.backlog());
  }

  /** @param userId of the account that it is about, where the address may be nobody's or somebody else's */
  async add(kind: MailKind, address: string, userId?: string): Promise<void> {
    await this.rows.insert(uuidv7(), kind, address, userId);
    this.wakeIn(GATHERING_MS);
  }

  /** Called once, before the application listens. */
  deliverBy(deliver: Delivery): void {
    this.deliver = deliver;
  }

  onApplicationBootstrap(): void {
    this.stopPolling = regularly(POLL_MS, () => Promise.resolve(this.wake()));
    this.wake();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    this.stopPolling();
    this.timers.forEach(clearTimeout);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref());
    await Promise.race([this.running, late]);
  }

  /** Not on behalf of whoever asks: the request is over by then, and with it all that is done for it. */
  private wakeIn(ms: number): void {
    const wake = () => {
      this.timers.delete(timer);
      this.wake();
    };
    const timer = outside(() => setTimeout(wake, ms)).unref();
    this.timers.add(timer);
  }

  private wake(): void {
    if (this.isStopped) return;
    this.isWoken = true;
    this.running ??= this.work()
      .catch(() => undefined) // The database is away: the next poll finds what is due.
      .finally(() => (this.running = undefined));
  }

  private async work(): Promise<void> {
    while (this.isWoken && !this.isStopped) {
      this.isWoken = false;
      const claimed = await this.rows.claim(AT_ONCE, LIFE_SECONDS);
      await Promise.all(claimed.map((request) => this.carryOut(request)));
      if (claimed.length === AT_ONCE) this.isWoken = true;
    }
  }

  private async carryOut(request: ClaimedRequest): Promise<void> {
    try {
      await this.deliver?.(request);
      await this.rows.delete(request.id);
    } catch (error) {
      await this.tryLater(request, error as Error & { code?: string });
    }
  }

  private async tryLater({ id, attempts, isLast }: ClaimedRequest, error: Error & { code?: string }): Promise<void> {
    const isGivenUp = isLast || error instanceof Undeliverable;
    this.telemetry.emit('mail.failed', { reason: error.code ?? error.constructor.name, attempts, isGivenUp });
    if (isGivenUp) return this.rows.delete(id);
    await this.rows.postpone(id, Math.min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS));
    if (attempts === 1) this.wakeIn(FIRST_DELAY_SECONDS * 1_000);
  }
}
