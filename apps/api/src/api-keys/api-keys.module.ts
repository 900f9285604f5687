import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module';
import { ApiKeysController } from './api-keys.controller';
import { ApiKeyCredentials } from './api-keys.credentials.service';
import { ApiKeysRepository } from './api-keys.repository';
import { ApiKeysService } from './api-keys.service';
import { ApiKeyUses } from './api-keys.uses';

@Module({
  imports: [UsersModule],
  controllers: [ApiKeysController],
  providers: [ApiKeysRepository, ApiKeyUses, ApiKeyCredentials, ApiKeysService],
  exports: [ApiKeyCredentials, ApiKeysService],
})
export class ApiKeysModule {}
