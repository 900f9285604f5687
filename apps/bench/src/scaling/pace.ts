// When an instance polls: what libs/database does, on the clock of the simulation (pace.spec.ts holds the two together).
import { FEED_PACE } from '@app/database';
import type { Agenda } from './agenda';

export interface PaceSettings {
  readonly stalenessMs: number;
  /** From a poll's beginning to its answer. */
  readonly pollMs: number;
  readonly began: () => void;
  readonly answered: () => void;
}

export class Pace {
  polls = 0;
  private isUsed = true;
  private usedUntil = 0;
  private begunAt = -Infinity;
  private isRunning = false;
  /** Another poll follows the one under way. */
  private isAskedAgain = false;
  private planned = 0;

  constructor(
    private readonly agenda: Agenda,
    private readonly settings: PaceSettings,
  ) {}

  /** Somebody asks for something: whoever has not polled for long does so first. */
  use(): void {
    this.isUsed = true;
    if (!this.isRunning && !this.isFresh()) this.begin();
  }

  /** Others say that something has changed. */
  wake(): void {
    if (this.isIdle()) return;
    if (this.isRunning) this.isAskedAgain = true;
    else this.plan(Math.max(this.agenda.now, this.begunAt + FEED_PACE.minGapMs));
  }

  /** This instance has changed something, and answers when it has seen it; one that shows nothing need not look. */
  commit(): void {
    if (this.isRunning) this.isAskedAgain = true;
    else if (this.isFresh()) this.begin();
  }

  private isFresh(): boolean {
    return this.agenda.now <= this.begunAt + this.settings.stalenessMs;
  }

  private begin(): void {
    const { agenda, settings } = this;
    this.planned++;
    this.polls++;
    this.isRunning = true;
    this.begunAt = agenda.now;
    settings.began();
    agenda.add(agenda.now + settings.pollMs, () => this.end());
  }

  private end(): void {
    this.isRunning = false;
    this.settings.answered();
    const isIdle = this.isIdle();
    if (this.isAskedAgain) {
      this.isAskedAgain = false;
      this.begin();
    } else if (!isIdle)
      this.plan(Math.max(this.agenda.now, this.begunAt + this.settings.stalenessMs / FEED_PACE.pollsInStaleness));
  }

  /** The plan before it is void. */
  private plan(at: number): void {
    const own = ++this.planned;
    this.agenda.add(at, () => {
      if (own === this.planned && !this.isRunning) this.begin();
    });
  }

  private isIdle(): boolean {
    if (this.isUsed) {
      this.isUsed = false;
      this.usedUntil = this.agenda.now + FEED_PACE.idleAfterMs;
    }
    return this.agenda.now > this.usedUntil;
  }
}
