import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ApiKeysRepository } from './api-keys.repository';

/** Between two statements, each for all keys that were used meanwhile. */
const WRITING_MS = 1_000;
/** What was noted is not noted again for so long. */
const NOTED_MS = 60_000;

/** When keys are used: noted in memory while a request passes by, written down behind its back. */
@Injectable()
export class ApiKeyUses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly noted = new Set<string>();
  private unwritten: string[] = [];
  private timers: NodeJS.Timeout[] = [];

  constructor(private readonly rows: ApiKeysRepository) {}

  /** At boot, outside of any request: what is written must never join the transaction of one. */
  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.write(), WRITING_MS).unref(),
      setInterval(() => this.noted.clear(), NOTED_MS).unref(),
    ];
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.write();
  }

  note(id: string): void {
    if (this.noted.has(id)) return;
    this.noted.add(id);
    this.unwritten.push(id);
  }

  private async write(): Promise<void> {
    if (this.unwritten.length === 0) return;
    const ids = this.unwritten;
    this.unwritten = [];
    try {
      await this.rows.noteUses(ids);
    } catch {
      // The next use tries again; nobody has to wait, or to fail, for the sake of a date.
      for (const id of ids) this.noted.delete(id);
    }
  }
}
