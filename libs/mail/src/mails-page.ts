// The page of kept mails. Everything that is shown is escaped; the HTML form is locked into a frame that may do nothing.
import { createHash } from 'node:crypto';
import type { KeptMail } from './kept-mails';

const STYLE = `
body { font-family: sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
article { border: 1px solid #ddd; border-radius: 4px; margin: 1rem 0; padding: 0 1rem 1rem; }
h2 { font-size: 1.1rem; margin-bottom: 0.2rem; }
p { margin-top: 0; color: #666; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: 1rem; }
iframe { width: 100%; height: 16rem; border: 1px solid #ddd; }
`;

export const MAILS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ESCAPES[one] as string);

export const mailsPage = (mails: readonly KeptMail[]): string => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Mails</title><style>${STYLE}</style></head>
  <body>
    <h1>Mails</h1>
    <p>These were not sent, since there is no SMTP_URL. Newest first; the latest hundred are kept.</p>
${mails.map(articleOf).join('\n') || '    <p>None so far.</p>'}
  </body>
</html>
`;

const articleOf = ({ to, subject, at, text, html }: KeptMail): string => `    <article>
      <h2>${escaped(subject)}</h2>
      <p>to ${escaped(to)}, ${at.toISOString()}</p>
      <pre>${escaped(text)}</pre>
      <details><summary>As HTML</summary><iframe sandbox="" title="As HTML" srcdoc="${escaped(html)}"></iframe></details>
    </article>`;
