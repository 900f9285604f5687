import { AUTHENTICATOR } from '@app/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module';
import { AuthController } from './auth.controller';
import { AuthService } from './auth.service';
import { AccessTokens } from './auth.tokens';

@Module({})
export class AuthModule {
  /** @param secret what the key of the access tokens is made from; the same on every instance */
  static with({ secret }: { secret: string }): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      imports: [UsersModule],
      controllers: [AuthController],
      providers: [
        AuthService,
        { provide: AccessTokens, useFactory: () => AccessTokens.of(secret) },
        { provide: AUTHENTICATOR, useExisting: AuthService },
      ],
      exports: [AUTHENTICATOR],
    };
  }
}
