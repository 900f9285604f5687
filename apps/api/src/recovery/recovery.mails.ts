import type { Mail } from '@app/mail';
import type { MailKind } from '../mails/mails.service';

/** Where a page of the operator takes tokens: a URL with `{token}` in it. */
export interface Links {
  readonly resetUrl?: string;
  readonly verifyUrl?: string;
}

/** What a mail says. Nothing in it was written by a user: no name can pose as a sentence or a link of ours. */
interface Words {
  readonly subject: string;
  readonly opening: string;
  /** Absent: there is nothing to open. */
  readonly way?: Way;
  readonly closing: string;
}

/** Where its token is taken: on a page of the operator's, else by the operation of the API. */
interface Way {
  readonly link?: string;
  readonly operation: string;
  readonly body: string;
}

const WORDS: Record<MailKind, (links: Links) => Words> = {
  password_reset: ({ resetUrl }) => ({
    subject: 'Choose a new password',
    opening: 'somebody, hopefully you, asked for a new password for the account with this address.',
    way: {
      link: resetUrl,
      operation: 'POST /v1/auth/password-reset/confirm',
      body: '{ "token": "{token}", "newPassword": "…" }',
    },
    closing: 'This works once, within an hour. If it was not you, do nothing: your password stays as it is.',
  }),
  email_verification: ({ verifyUrl }) => ({
    subject: 'Confirm your address',
    opening: 'please confirm that this address is yours.',
    way: {
      link: verifyUrl,
      operation: 'POST /v1/auth/email-verification/confirm',
      body: '{ "token": "{token}" }',
    },
    closing: 'This works once, within a day. If you have no account here, do nothing.',
  }),
  email_change: () => ({
    subject: 'Your account is about to move',
    opening: 'somebody, hopefully you, asked to move your account to another address, and knew its password.',
    closing:
      'It moves as soon as the other address is confirmed. If it was not you, choose a new password now: that stops the move and ends all logins.',
  }),
};

export function mailOf(kind: MailKind, to: string, token: string, links: Links): Mail {
  const { subject, opening, way, closing } = WORDS[kind](links);
  const shown = way && shownAs(way, token);
  return {
    to,
    subject,
    text: ['Hello,', opening, ...(shown ? [shown.text] : []), closing].join('\n\n') + '\n',
    html: `<p>Hello,</p><p>${opening}</p>${shown?.html ?? ''}<p>${closing}</p>`,
  };
}

function shownAs({ link, operation, body }: Way, token: string): Pick<Mail, 'text' | 'html'> {
  const hint = link === undefined ? `Open /docs, go to ${operation}, and send:` : 'Open this page:';
  const filled = (link ?? body).replace('{token}', token);
  const html = escaped(filled);
  return {
    text: `${hint}\n\n${filled}`,
    html: `<p>${escaped(hint)}</p>${link === undefined ? `<pre>${html}</pre>` : `<p><a href="${html}">${html}</a></p>`}`,
  };
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => ESCAPES[one] as string);
