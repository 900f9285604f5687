// What features may inject from the HTTP layer.
import { type DynamicModule, Module } from '@nestjs/common';
import { Cursors } from './cursors';
import { Pages } from './pages';

@Module({})
export class HttpModule {
  /** @param secret signs the page cursors; the same on every instance */
  static with({ secret }: { secret: string }): DynamicModule {
    return {
      module: HttpModule,
      global: true,
      providers: [{ provide: Cursors, useValue: new Cursors(secret) }, Pages],
      exports: [Cursors, Pages],
    };
  }
}
