import { type DynamicModule, Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module';
import { MailsModule } from '../mails/mails.module';
import { UsersModule } from '../users/users.module';
import { RecoveryController } from './recovery.controller';
import type { Links } from './recovery.mails';
import { RecoveryRepository } from './recovery.repository';
import { LINKS, Recovery } from './recovery.service';

@Module({})
export class RecoveryModule {
  static with({ resetUrl, verifyUrl }: Links): DynamicModule {
    return {
      module: RecoveryModule,
      imports: [MailsModule, UsersModule, ApiKeysModule],
      controllers: [RecoveryController],
      providers: [RecoveryRepository, Recovery, { provide: LINKS, useValue: { resetUrl, verifyUrl } }],
    };
  }
}
