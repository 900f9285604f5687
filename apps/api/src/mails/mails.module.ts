import { Module } from '@nestjs/common';
import { MailRequestsRepository } from './mails.repository';
import { MailRequests } from './mails.service';

@Module({
  providers: [MailRequestsRepository, MailRequests],
  exports: [MailRequests],
})
export class MailsModule {}
