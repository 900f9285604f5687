// What a mail is, and what a way to get rid of one must do.

export interface Mail {
  /** One address, nothing else. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The server will never take this mail: there is no use in trying again. */
export class MailRefused extends Error {}

/** Whoever takes the mails of this process. */
export abstract class Mailer {
  /**
   * Resolves once somebody else has the mail; within {@link SENDING_MS} in any case.
   * @throws MailRefused if it must not be tried again; any other error is worth another attempt
   */
  abstract send(mail: Mail): Promise<void>;
}

/** Milliseconds after which a mail counts as not sent. */
export const SENDING_MS = 30_000;
