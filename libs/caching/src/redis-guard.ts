// What every command to Redis passes: 50 ms at most, and nothing is sent while Redis is away or does not answer.
import { setTimeout as delay } from 'node:timers/promises';
import type { Events, Telemetry } from '@app/telemetry';
import { answerWithin, NoAnswer } from './answer-within';
import { ping, RedisLink, type RedisClient } from './redis';

/** So many times without an answer in time open the breaker, and so many PINGs that were answered in time close it. */
const IN_A_ROW = 3;
const PROBE_MS = 100;

export interface RedisSettings {
  readonly url: string;
  readonly telemetry: Telemetry;
  /** Longest wait for the answer to one command; 50 unless given. */
  readonly timeoutMs?: number;
}

/**
 * The breaker is our own: cockatiel lets the caller who comes first after the pause do the probing, with all others
 * waiting for him, and takes the time from the wall clock. Here a timer probes, and no caller ever waits for it.
 */
export class RedisGuard {
  private readonly link: RedisLink;
  private readonly telemetry: Telemetry;
  private readonly timeoutMs: number;
  private client?: RedisClient;
  private unanswered = 0;
  private missedMs = 0;
  private isOpen = false;

  constructor({ url, telemetry, timeoutMs = 50 }: RedisSettings) {
    this.telemetry = telemetry;
    this.timeoutMs = timeoutMs;
    this.link = new RedisLink({ url, onUp: (client) => this.up(client), onDown: (reason) => this.down(reason) });
  }

  /** Whether a command would be sent at all. */
  get isUsable(): boolean {
    return this.client !== undefined && !this.isOpen;
  }

  /** Resolves when connected or when it is clear that Redis is absent; then it goes on trying on its own. */
  connect(): Promise<void> {
    return this.link.connect();
  }

  async close(): Promise<void> {
    this.client = undefined;
    await this.link.close();
  }

  /**
   * @throws Error at once when Redis cannot be used, NoAnswer when it does not answer in time, and what the client throws
   */
  async run<T>(
    command: Events['redis.command']['command'],
    send: (client: RedisClient) => Promise<T>,
    timeoutMs = this.timeoutMs,
  ): Promise<T> {
    const { client } = this;
    if (client === undefined || this.isOpen) throw new Error('Redis cannot be used at the moment');
    const startedMs = performance.now();
    let failed = false;
    try {
      const answer = await answerWithin(timeoutMs, send(client));
      this.unanswered = 0;
      return answer;
    } catch (error) {
      failed = true;
      if (error instanceof NoAnswer && client === this.client) this.missed(client, startedMs, error);
      throw error;
    } finally {
      this.telemetry.emit('redis.command', { command, durationMs: performance.now() - startedMs, failed });
    }
  }

  private up(client: RedisClient): void {
    this.client = client;
    this.telemetry.emit('redis.connected', {});
  }

  private down(reason: string): void {
    this.client = undefined;
    this.isOpen = false;
    this.unanswered = 0;
    this.telemetry.emit('redis.lost', { reason });
  }

  private missed(client: RedisClient, sentMs: number, { message }: NoAnswer): void {
    // What was under way together counts once: one long pause of this process must not look like a dead Redis.
    if (this.isOpen || sentMs < this.missedMs) return;
    this.missedMs = performance.now();
    this.unanswered += 1;
    if (this.unanswered < IN_A_ROW) return;
    this.isOpen = true;
    this.telemetry.emit('redis.lost', { reason: message });
    void this.closeWhenAnswered(client);
  }

  /** Ends without a result when the connection does: the next one starts with a closed breaker. */
  private async closeWhenAnswered(client: RedisClient): Promise<void> {
    for (let inARow = 0; inARow < IN_A_ROW;) {
      await delay(PROBE_MS, undefined, { ref: false });
      if (client !== this.client) return;
      const isAnswered = await answerWithin(this.timeoutMs, ping(client)).then(
        () => true,
        () => false,
      );
      inARow = isAnswered ? inARow + 1 : 0;
    }
    if (client !== this.client) return;
    this.isOpen = false;
    this.unanswered = 0;
    this.telemetry.emit('redis.connected', {});
  }
}
