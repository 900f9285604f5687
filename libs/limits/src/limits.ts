// The limits of routes: one counter for each that is switched on.
import type { SharedTier } from '@app/caching';
import type { Allowance, LimitName, Limits, Quota } from '@app/http';
import type { Telemetry } from '@app/telemetry';
import { Counter } from './counter';

export type Quotas = Readonly<Partial<Record<LimitName, Quota>>>;

export class RouteLimits implements Limits {
  private readonly counters = new Map<LimitName, Counter>();

  constructor(
    private readonly quotas: Quotas,
    private readonly telemetry: Telemetry,
    shared?: SharedTier,
  ) {
    for (const [name, { requests, windowSeconds }] of Object.entries(quotas) as [LimitName, Quota][])
      this.counters.set(name, new Counter({ name, most: requests, windowSeconds, shared }));
  }

  quotaOf(name: LimitName): Quota | undefined {
    return this.quotas[name];
  }

  async take(name: LimitName, caller: string): Promise<Allowance> {
    const counter = this.counters.get(name);
    if (!counter) throw new Error(`The limit ${name} is switched off.`);
    const allowance = await counter.take(caller);
    if (allowance.isExceeded) this.telemetry.emit('limit.exceeded', { limit: name });
    return allowance;
  }
}
