// Gives the application its caches, and keeps them true from boot to shutdown.
import { ChangeFeed, Database, type UnfitDatabase } from '@app/database';
import { Metrics, Telemetry } from '@app/telemetry';
import { CacheModule } from '@nestjs/cache-manager';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Answers } from './answers';
import { watchCaches } from './cache-metrics';
import { Caches } from './caches';
import { KeptAnswer } from './kept-answer';
import { markOf } from './mark';
import { Memory } from './memory';
import { plainCache } from './plain-cache';
import { verifyMark } from './public-cache';
import { RowAnswers } from './row-answers';
import { type Handled, pathOf, rowRouteOf } from './row-routes';
import type { SharedTier } from './shared-tier';
import { SHARED_TIER, sharedTierModule } from './shared-tier.module';
import { exchangeWakeUps } from './wake-ups';

export interface CachingSettings {
  readonly memoryMb: number;
  /** Absent: each process has its own memory alone. */
  readonly redisUrl?: string;
  /** The one that stands in front of the router; without it nothing does. */
  readonly answers?: Answers;
  /** Called when a database that came late lacks the change log of a cached table. */
  readonly onUnfit: (error: UnfitDatabase) => void;
}

const SETTINGS = Symbol('caching settings');

@Module({})
export class CachingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(SETTINGS) private readonly settings: CachingSettings,
    @Inject(SHARED_TIER) private readonly shared: SharedTier | undefined,
    private readonly feed: ChangeFeed,
    private readonly memory: Memory,
    private readonly caches: Caches,
    private readonly answers: Answers,
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    private readonly metrics: Metrics,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {
    feed.listen({ changed: (tags) => tags.forEach((tag) => memory.drop(tag)), reset: () => memory.clear() });
    answers.attach(feed, memory, telemetry);
  }

  static with(settings: CachingSettings): DynamicModule {
    const { memoryMb, redisUrl, answers = new Answers({ corsOrigins: [], trustProxy: [] }) } = settings;
    const tier = sharedTierModule(redisUrl);
    const forget = (kept: object): void => {
      if (kept instanceof KeptAnswer) answers.forget(kept);
    };
    return {
      module: CachingModule,
      global: true,
      imports: [
        tier,
        DiscoveryModule,
        CacheModule.registerAsync({
          isGlobal: true,
          imports: [tier],
          inject: [SHARED_TIER],
          useFactory: (shared: SharedTier | undefined) => plainCache({ guard: shared?.guard }),
        }),
      ],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: Answers, useValue: answers },
        { provide: Memory, useFactory: () => new Memory(memoryMb * 2 ** 20, forget) },
        {
          provide: Caches,
          inject: [ChangeFeed, Memory, SHARED_TIER, Database],
          useFactory: (feed: ChangeFeed, memory: Memory, shared: SharedTier | undefined, database: Database) =>
            new Caches(feed, memory, shared, () => database.isInTransaction),
        },
      ],
      exports: [Caches, Answers, tier],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { feed, memory, caches, answers, shared } = this;
    this.verifyMarks();
    watchCaches(this.metrics, { feed, memory, caches, answers, shared });
    if (shared) {
      exchangeWakeUps(feed, shared);
      await shared.connect();
    }
    if (this.database.dataSource.isInitialized) return this.begin();
    const stop = this.telemetry.on('database.connected', () => {
      stop();
      this.begin().catch(this.settings.onUnfit);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.shared?.close();
  }

  private async begin(): Promise<void> {
    if (await this.feed.refresh()) this.caches.verifyTables();
  }

  private verifyMarks(): void {
    const handled = [...this.handlers()];
    const surroundings = { caches: this.caches, paths: handled.map(pathOf), vary: this.answers.vary };
    const rows = new RowAnswers(this.answers, this.feed);
    this.answers.beyond = (...request) => rows.front(...request);
    this.answers.made = rows.made;
    for (const { isShared, ...one } of handled) {
      if (!markOf(one.handler)) continue;
      verifyMark({ ...one, isShared });
      const route = rowRouteOf(one, surroundings);
      if (route) rows.add(route);
    }
  }

  private *handlers(): Generator<Handled & { isShared: boolean }> {
    for (const wrapper of this.discovery.getControllers()) {
      const { metatype } = wrapper;
      const prototype = (metatype as { prototype?: object } | null)?.prototype;
      if (!metatype || !prototype) continue;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = (prototype as Record<string, object & { name: string }>)[name];
        if (handler) yield { controller: metatype, handler, isShared: wrapper.isDependencyTreeStatic() };
      }
    }
  }
}
