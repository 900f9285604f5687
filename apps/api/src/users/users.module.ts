import { Module } from '@nestjs/common';
import { MailsModule } from '../mails/mails.module';
import { SessionsModule } from '../sessions/sessions.module';
import { UsersAdminController } from './users.admin.controller';
import { UsersController } from './users.controller';
import { Credentials } from './users.credentials.service';
import { Passwords } from './users.passwords';
import { UsersRepository } from './users.repository';
import { UsersService } from './users.service';

@Module({
  imports: [MailsModule, SessionsModule],
  controllers: [UsersController, UsersAdminController],
  providers: [UsersRepository, Passwords, Credentials, UsersService],
  exports: [UsersService, Credentials],
})
export class UsersModule {}
