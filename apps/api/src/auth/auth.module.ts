import type { UnfitDatabase } from '@app/database';
import { AUTHENTICATOR } from '@app/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { SigningKeys } from '../signing-keys/signing-keys.service';
import { UsersModule } from '../users/users.module';
import { AuthController } from './auth.controller';
import { RefreshCookie } from './auth.cookie';
import { AuthService } from './auth.service';
import { AccessTokens } from './auth.tokens';

export interface AuthSettings {
  /** Seals the keys of the access tokens; the same on every instance. */
  readonly secret: string;
  /** Exact origins of the web pages that may keep a refresh token in a cookie, beside those of this host. */
  readonly origins: readonly string[];
  readonly onUnfit: (error: UnfitDatabase) => void;
}

@Module({})
export class AuthModule {
  static with({ secret, origins, onUnfit }: AuthSettings): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      imports: [UsersModule, ApiKeysModule, SessionsModule, SigningKeysModule.with({ secret, onUnfit })],
      controllers: [AuthController],
      providers: [
        AuthService,
        { provide: AccessTokens, useFactory: (keys: SigningKeys) => new AccessTokens(keys), inject: [SigningKeys] },
        { provide: RefreshCookie, useValue: new RefreshCookie(origins) },
        { provide: AUTHENTICATOR, useExisting: AuthService },
      ],
      exports: [AUTHENTICATOR],
    };
  }
}
