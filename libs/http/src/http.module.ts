// What features may inject from the HTTP layer.
import { type BeforeApplicationShutdown, type DynamicModule, Module } from '@nestjs/common';
import { Cursors } from './cursors';
import { Drain } from './drain';
import { Pages } from './pages';

@Module({})
export class HttpModule implements BeforeApplicationShutdown {
  constructor(private readonly drain: Drain) {}

  /** @param secret signs the page cursors; the same on every instance */
  static with({ secret }: { secret: string }): DynamicModule {
    return {
      module: HttpModule,
      global: true,
      providers: [{ provide: Cursors, useValue: new Cursors(secret) }, Pages, Drain],
      exports: [Cursors, Drain, Pages],
    };
  }

  beforeApplicationShutdown(): void {
    this.drain.begin();
  }
}
