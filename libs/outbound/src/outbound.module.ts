// Makes the client of the process, and closes its connections when the process ends.
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Outbound } from './outbound';
import type { OutboundSettings } from './settings';

@Module({})
export class OutboundModule implements OnApplicationShutdown {
  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  static with(settings: Partial<OutboundSettings>): DynamicModule {
    return {
      module: OutboundModule,
      global: true,
      providers: [{ provide: Outbound, useFactory: () => new Outbound(settings) }],
      exports: [Outbound],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.outbound.close();
  }
}
