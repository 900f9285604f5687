import { AUTHENTICATOR, type Authenticator, invalidToken } from '@app/http';
import { type DynamicModule, Module } from '@nestjs/common';

const authenticator: Authenticator = { authenticate: () => Promise.resolve(invalidToken('x')) };

@Module({})
export class AuthModule {
  static with(_settings: { secret: string }): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      providers: [{ provide: AUTHENTICATOR, useValue: authenticator }],
      exports: [AUTHENTICATOR],
    };
  }
}
