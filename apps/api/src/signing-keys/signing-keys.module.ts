import { type DynamicModule, Module } from '@nestjs/common';
import { SigningKeysController } from './signing-keys.controller';
import { SigningKeysRepository } from './signing-keys.repository';
import { SIGNING_KEYS_SETTINGS, SigningKeys, type SigningKeysSettings } from './signing-keys.service';

@Module({})
export class SigningKeysModule {
  static with(settings: SigningKeysSettings): DynamicModule {
    return {
      module: SigningKeysModule,
      controllers: [SigningKeysController],
      providers: [SigningKeysRepository, SigningKeys, { provide: SIGNING_KEYS_SETTINGS, useValue: settings }],
      exports: [SigningKeys],
    };
  }
}
