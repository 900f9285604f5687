// A mail server on loopback that does what it is told: take, refuse, or say nothing.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export type Manner = 'takes' | 'refuses' | 'hangs';

export class SmtpServer {
  manner: Manner = 'takes';
  /** Connections so far. */
  attempts = 0;
  readonly mails: string[] = [];
  private readonly sockets = new Set<Socket>();
  /** Each is called once, when a mail has been taken. */
  private readonly waiting: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly isTls: boolean,
  ) {
    server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => this.serve(socket));
  }

  /** @param tls from the first byte */
  static async start(port = 0, tls?: TlsOptions): Promise<SmtpServer> {
    const smtp = new SmtpServer(tls ? createTlsServer(tls) : createServer(), tls !== undefined);
    const { server } = smtp;
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return smtp;
  }

  get url(): string {
    return this.urlAt('127.0.0.1');
  }

  urlAt(host: string): string {
    return `${this.isTls ? 'smtps' : 'smtp'}://${host}:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits until there are so many mails. */
  async hasTaken(count: number): Promise<void> {
    while (this.mails.length < count) await new Promise<void>((goOn) => this.waiting.push(goOn));
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private serve(socket: Socket): void {
    this.attempts++;
    this.sockets.add(socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined));
    if (this.manner === 'hangs') return;
    const { manner } = this;
    let mail: string | undefined;
    let pending = '';
    socket.write('220 loopback\r\n');
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        if (mail === undefined) {
          if (/^DATA/i.test(line)) mail = '';
          socket.write(this.replyTo(line, manner));
        } else if (line === '.') {
          this.mails.push(mail);
          for (const goOn of this.waiting.splice(0)) goOn();
          mail = undefined;
          socket.write('250 taken\r\n');
        } else mail += `${line}\n`;
      }
    });
  }

  private replyTo(line: string, manner: Manner): string {
    if (/^RCPT/i.test(line) && manner === 'refuses') return '550 nobody here\r\n';
    if (/^DATA/i.test(line)) return '354 go on\r\n';
    return /^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n';
  }
}
