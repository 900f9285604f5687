// Connects when the database is there, keeps trying while it is not, and refuses one that this program must not use.
import type { Telemetry } from '@app/telemetry';
import type { DataSource } from 'typeorm';
import { failureOf, UnfitDatabase } from './failures';
import { pendingMigrations } from './migrations';
import { NoRoom } from './shares';
import { verifyVersions } from './versions';

const RETRY_MS = 500;

export interface ConnectionSettings {
  /** Brings the schema up to date, if that is wanted. */
  readonly migrate?: (dataSource: DataSource) => Promise<unknown>;
  readonly telemetry: Telemetry;
  /** Asked before the database counts as connected. */
  readonly admit?: () => Promise<void>;
  /** Called when a database that came late turns out to be unfit. */
  readonly onUnfit: (error: UnfitDatabase) => void;
}

export class Connection {
  /** The database was there and had no room, until it has. */
  isTurnedAway = false;

  private timer?: NodeJS.Timeout;
  private attempt?: Promise<void>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: ConnectionSettings,
  ) {}

  /** Resolves once connected or once it is clear that the database is absent; then it goes on trying on its own. */
  async open(): Promise<void> {
    this.attempt = this.connect();
    try {
      await this.attempt;
    } catch (error) {
      if (error instanceof UnfitDatabase) throw error;
      this.isTurnedAway ||= error instanceof NoRoom;
      this.settings.telemetry.emit('database.lost', { reason: (error as Error).message });
      this.timer = setTimeout(() => void this.open().catch(this.settings.onUnfit), RETRY_MS);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.attempt?.catch(() => undefined);
    clearTimeout(this.timer);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async connect(): Promise<void> {
    try {
      await this.dataSource.initialize();
    } catch (error) {
      if (failureOf(error)?.kind !== 'unfit') throw error;
      throw new UnfitDatabase(`The database refuses this program: ${(error as Error).message}. Check DATABASE_URL.`);
    }
    try {
      await this.settings.migrate?.(this.dataSource);
      const pending = await pendingMigrations(this.dataSource);
      if (pending.length > 0)
        throw new UnfitDatabase(
          `The database lacks ${pending.length} migration(s), the first is ${pending[0]}: run \`npm run migrate\` or set MIGRATE=true.`,
        );
      await verifyVersions(this.dataSource);
      await this.settings.admit?.();
    } catch (error) {
      await this.dataSource.destroy();
      throw error;
    }
    this.isTurnedAway = false;
    this.settings.telemetry.emit('database.connected', {});
  }
}
