// Sends a mail by SMTP (RFC 5321), a connection for each: mails are few, and a connection that is kept may be dead.
import { createTransport } from 'nodemailer';
import { type Mail, Mailer, MailRefused, SENDING_MS } from './mailer';

/** Seconds that the server may take: to accept a connection, to greet, to say anything at all. */
const PATIENCE = { connection: 5, greeting: 5, socket: 10 } as const;

const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/;

interface SmtpError extends Error {
  code?: string;
  /** Of the socket, which nodemailer calls `ESOCKET`, whatever it is. */
  readonly originalCode?: string;
  readonly responseCode?: number;
}

export class SmtpMailer extends Mailer {
  private readonly transport: ReturnType<typeof createTransport>;

  /** @param url as smtp://user:password@host:587, or smtps:// for TLS from the first byte */
  constructor(
    url: string,
    private readonly from: string,
  ) {
    super();
    const { protocol, hostname, port, username, password } = new URL(url);
    const isTls = protocol === 'smtps:';
    this.transport = createTransport({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (isTls ? 465 : 587),
      secure: isTls,
      // Without it, whoever sits in between strips STARTTLS and reads along.
      requireTLS: !isTls && !LOOPBACK.test(hostname),
      ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
      connectionTimeout: PATIENCE.connection * 1_000,
      greetingTimeout: PATIENCE.greeting * 1_000,
      socketTimeout: PATIENCE.socket * 1_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(mail: Mail): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    // A server that says one byte now and then keeps every other clock from ringing.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(Object.assign(new Error('Too slow'), { code: 'ETIMEDOUT' })), SENDING_MS);
    });
    try {
      await Promise.race([this.transport.sendMail({ from: this.from, ...mail }), late]);
    } catch (error) {
      const failure = error as SmtpError;
      const { responseCode = 0, code, originalCode = code } = failure;
      if (responseCode >= 500 && code !== 'EAUTH') throw new MailRefused(`The server refused it: ${responseCode}`);
      throw Object.assign(failure, { code: originalCode });
    } finally {
      clearTimeout(timer);
    }
  }
}
