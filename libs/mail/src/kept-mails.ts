// Keeps the latest mails in the database, since processes that share the embedded one must show each other's.
import { Database, sql } from '@app/database';
import { type Mail, Mailer } from './mailer';

const MAX_KEPT = 100;

export interface KeptMail extends Mail {
  readonly id: string;
  readonly at: Date;
}

interface SchemaRunner {
  query(statement: string): Promise<unknown>;
}

export class KeptMails extends Mailer {
  constructor(private readonly database: Database) {
    super();
  }

  async send({ to, subject, text, html }: Mail): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO kept_mails (recipient, subject, text, html) VALUES (${to}, ${subject}, ${text}, ${html})`);
    await this.database.rows(sql`
      DELETE FROM kept_mails WHERE id <= (SELECT id FROM kept_mails ORDER BY id DESC OFFSET ${MAX_KEPT} LIMIT 1)`);
  }

  /** Newest first. */
  list(): Promise<KeptMail[]> {
    return this.database.rows(sql`
      SELECT id::text, kept_at AS at, recipient AS to, subject, text, html FROM kept_mails
      ORDER BY kept_mails.id DESC LIMIT ${MAX_KEPT}`);
  }
}

/** For a migration. */
export async function createKeptMails(runner: SchemaRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE kept_mails (
      id bigint GENERATED ALWAYS AS IDENTITY,
      kept_at timestamptz NOT NULL DEFAULT now(),
      recipient text NOT NULL,
      subject text NOT NULL,
      text text NOT NULL,
      html text NOT NULL,
      CONSTRAINT kept_mails_pkey PRIMARY KEY (id)
    )`);
}

/** The reverse. */
export async function dropKeptMails(runner: SchemaRunner): Promise<void> {
  await runner.query(`DROP TABLE kept_mails`);
}
