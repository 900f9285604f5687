// Gives the application its limits, shared by all instances through Redis.
import { SHARED_TIER, type SharedTier } from '@app/caching';
import { LIMITS } from '@app/http';
import { Telemetry } from '@app/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { Guesses } from './guesses';
import { type Quotas, RouteLimits } from './limits';
import { type LimitsSettings, quotasOf } from './quotas';

export type { LimitsSettings } from './quotas';

@Module({})
export class LimitsModule {
  static with(settings: LimitsSettings): DynamicModule {
    const quotas: Quotas = quotasOf(settings);
    const inject = [Telemetry, SHARED_TIER];
    return {
      module: LimitsModule,
      global: true,
      providers: [
        {
          provide: LIMITS,
          inject,
          useFactory: (telemetry: Telemetry, shared?: SharedTier) => new RouteLimits(quotas, telemetry, shared),
        },
        {
          provide: Guesses,
          inject,
          useFactory: (telemetry: Telemetry, shared?: SharedTier) => new Guesses(telemetry, shared),
        },
      ],
      exports: [LIMITS, Guesses],
    };
  }
}
