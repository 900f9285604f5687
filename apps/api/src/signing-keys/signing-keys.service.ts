import type { KeyObject } from 'node:crypto';
import { type Cache, Caches } from '@app/caching';
import { atStart, Database, regularly, UnfitDatabase } from '@app/database';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SigningKey } from './signing-key.entity';
import type { PublicKeySet } from './signing-keys.dto';
import { Keyring, type KeyPair, newKey } from './signing-keys.keyring';
import { SigningKeysRepository, type StoredKey } from './signing-keys.repository';

export interface SigningKeysSettings {
  /** Seals the private keys; the same on every instance. */
  readonly secret: string;
  /** Called when a database that came late has keys that the secret does not open. */
  readonly onUnfit: (error: UnfitDatabase) => void;
}

export const SIGNING_KEYS_SETTINGS = Symbol('settings of the signing keys');
const SWEEPING_MS = 15 * 60_000;

/** The keys that access tokens are signed with: the same on every instance, as late as anything that is cached. */
@Injectable()
export class SigningKeys implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stored: Cache<readonly StoredKey[]>;
  /** Opened once, not for each request; what is cached can't hold keys, since it is frozen. */
  private readonly rings = new WeakMap<readonly StoredKey[], Keyring>();
  private readonly closing = new AbortController();
  private stopSweeping: () => void = () => undefined;

  constructor(
    private readonly rows: SigningKeysRepository,
    private readonly database: Database,
    @Inject(SIGNING_KEYS_SETTINGS) private readonly settings: SigningKeysSettings,
    caches: Caches,
  ) {
    this.stored = caches.open<readonly StoredKey[]>('signing_keys', { tableOf: SigningKey, ttl: '1h' });
  }

  /** @throws UnfitDatabase if the secret does not open what is there */
  async onApplicationBootstrap(): Promise<void> {
    this.stopSweeping = regularly(SWEEPING_MS, () => this.rows.removeEnded());
    // Anything else that fails late happens again to whoever logs in, and is told to him.
    const onFailure = (error: unknown): void => void (error instanceof UnfitDatabase && this.settings.onUnfit(error));
    await atStart(this.database, () => this.ensure(), { onFailure, signal: this.closing.signal });
  }

  onModuleDestroy(): void {
    this.closing.abort();
    this.stopSweeping();
  }

  async signer(): Promise<KeyPair> {
    const known = (await this.ring()).signer();
    if (known) return known;
    await this.ensure();
    const made = (await this.ring()).signer();
    if (!made) throw new Error('There is no signing key that this instance can open.');
    return made;
  }

  /** What verifies tokens that name this key; undefined when there is no such key, or not any more. */
  async verifier(id: string): Promise<KeyObject | undefined> {
    return (await this.ring()).verifier(id);
  }

  async published(): Promise<PublicKeySet> {
    return { keys: (await this.ring()).published() };
  }

  private async ensure(): Promise<void> {
    if ((await this.rows.living()).length === 0) await this.rows.insertFirst(await newKey(this.settings.secret));
    if (!Keyring.open(await this.rows.living(), this.settings.secret).isForeign) return;
    throw new UnfitDatabase(
      'JWT_SECRET does not open the signing keys in the database: give the one that they were made with, or replace them by `npm run keys -- rotate --now`.',
    );
  }

  private async ring(): Promise<Keyring> {
    const stored = (await this.stored.get('living', () => this.rows.living())) ?? [];
    const ring = this.rings.get(stored) ?? Keyring.open(stored, this.settings.secret);
    this.rings.set(stored, ring);
    return ring;
  }
}
