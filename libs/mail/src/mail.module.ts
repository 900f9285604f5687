// Decides at boot what becomes of mails: sent, kept to be looked at, or let go.
import { Database } from '@app/database';
import { type DynamicModule, Module } from '@nestjs/common';
import { KeptMails } from './kept-mails';
import { Mailer } from './mailer';
import { SmtpMailer } from './smtp-mailer';
import { UnsentMails } from './unsent-mails';

export interface MailSettings {
  /** Absent: nothing is sent. */
  readonly smtpUrl?: string;
  /** The sender's address. */
  readonly from?: string;
  /** What is not sent is kept in the database; for a database that nobody else can look into. */
  readonly isKept: boolean;
}

@Module({})
export class MailModule {
  static with(settings: MailSettings): DynamicModule {
    return {
      module: MailModule,
      global: true,
      providers: [
        { provide: KeptMails, useFactory: (database: Database) => new KeptMails(database), inject: [Database] },
        {
          provide: Mailer,
          useFactory: (kept: KeptMails) => mailerOf(settings, kept),
          inject: [KeptMails],
        },
      ],
      exports: [Mailer, KeptMails],
    };
  }
}

function mailerOf({ smtpUrl, from = '', isKept }: MailSettings, kept: KeptMails): Mailer {
  if (smtpUrl !== undefined) return new SmtpMailer(smtpUrl, from);
  if (isKept) return kept;
  return new UnsentMails();
}
