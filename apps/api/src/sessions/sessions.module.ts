import { Module } from '@nestjs/common';
import { SessionsController } from './sessions.controller';
import { SessionsRepository } from './sessions.repository';
import { Sessions } from './sessions.service';

@Module({
  controllers: [SessionsController],
  providers: [SessionsRepository, Sessions],
  exports: [Sessions],
})
export class SessionsModule {}
