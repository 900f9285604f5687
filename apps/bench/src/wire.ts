// One keep-alive connection over a raw socket: as little as can stand between the clock and the server.
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const END_OF_CHUNKS = '0\r\n\r\n';

export class Wire {
  private readonly socket: Socket;
  private text = '';
  private ended = -1;
  private answered?: (answer: Answer | undefined) => void;

  private constructor(url: string, connected: () => void) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true }, connected);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => this.receive(text));
    this.socket.on('error', () => this.close()).on('close', () => this.finish(undefined));
  }

  static open(url: string): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const wire: Wire = new Wire(url, () => resolve(wire));
      wire.socket.once('error', reject);
    });
  }

  /** One at a time. `answered` is given undefined when the connection broke. */
  send(request: string, answered: (answer: Answer | undefined) => void): void {
    this.answered = answered;
    this.text = '';
    this.ended = -1;
    if (this.socket.destroyed) setImmediate(() => this.finish(undefined));
    else this.socket.write(request);
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    this.text += text;
    if (this.ended < 0) this.ended = endOf(this.text);
    const isWhole = this.ended === Infinity ? this.text.endsWith(END_OF_CHUNKS) : this.text.length >= this.ended;
    if (this.ended >= 0 && isWhole) this.finish({ status: Number(this.text.slice(9, 12)), text: this.text });
  }

  private finish(answer: Answer | undefined): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.(answer);
  }
}

/** Characters of the whole answer; -1 while the head is not complete, Infinity when it comes in chunks. */
function endOf(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return -1;
  const length = LENGTH.exec(text.slice(0, head))?.[1];
  if (length !== undefined) return head + 4 + Number(length);
  return /^HTTP\/1\.1 (204|304)/.test(text) ? head + 4 : Infinity;
}
