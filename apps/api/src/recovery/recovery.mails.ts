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
  readonly link?: string;
  readonly operation: string;
  readonly body: string;
  readonly closing: string;
}

const WORDS: Record<MailKind, (links: Links) => Words> = {
  password_reset: ({ resetUrl }) => ({
    subject: 'Choose a new password',
    opening: 'somebody, hopefully you, asked for a new password for the account with this address.',
    link: resetUrl,
    operation: 'POST /v1/auth/password-reset/confirm',
    body: '{ "token": "{token}", "newPassword": "…" }',
    closing: 'This works once, within an hour. If it was not you, do nothing: your password stays as it is.',
  }),
  email_verification: ({ verifyUrl }) => ({
    subject: 'Confirm your address',
    opening: 'please confirm that this address is yours.',
    link: verifyUrl,
    operation: 'POST /v1/auth/email-verification/confirm',
    body: '{ "token": "{token}" }',
    closing: 'This works once, within a day. If you have no account here, do nothing.',
  }),
};

export function mailOf(kind: MailKind, to: string, token: string, links: Links): Mail {
  const { subject, opening, link, operation, body, closing } = WORDS[kind](links);
  const filled = (text: string): string => text.replace('{token}', token);
  const hint = link === undefined ? `Open /docs, go to ${operation}, and send:` : 'Open this page:';
  const way = filled(link ?? body);
  const shown =
    link === undefined ? `<pre>${escaped(way)}</pre>` : `<p><a href="${escaped(way)}">${escaped(way)}</a></p>`;
  return {
    to,
    subject,
    text: `Hello,\n\n${opening}\n\n${hint}\n\n${way}\n\n${closing}\n`,
    html: `<p>Hello,</p><p>${opening}</p><p>${escaped(hint)}</p>${shown}<p>${closing}</p>`,
  };
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => ESCAPES[one] as string);
