// The one connection to Redis of a process, for whoever shares something through it.
import { Telemetry } from '@app/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { SharedTier } from './shared-tier';

/** Undefined without Redis. */
export const SHARED_TIER = Symbol('shared tier');

@Module({})
class SharedTierModule {}

export const sharedTierModule = (url: string | undefined): DynamicModule => ({
  module: SharedTierModule,
  providers: [
    {
      provide: SHARED_TIER,
      inject: [Telemetry],
      useFactory: (telemetry: Telemetry) => (url === undefined ? undefined : new SharedTier({ url, telemetry })),
    },
  ],
  exports: [SHARED_TIER],
});
