// Bytes on a socket, as nobody's HTTP client would send them; and the answers that come back.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class Raw {
  private received = Buffer.alloc(0);
  readonly closed: Promise<void>;
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    socket.on('error', () => undefined);
    // `once()` of a promise would fail with a reset, which is an end like any other.
    this.closed = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(
      () => void (this.isClosed = true),
    );
  }

  static async open(port: number): Promise<Raw> {
    const socket = connect(port, '127.0.0.1');
    const raw = new Raw(socket);
    await once(socket, 'connect');
    return raw;
  }

  /** One after the other, each in a packet of its own as far as that is ours to say. */
  async send(...parts: (string | Buffer)[]): Promise<this> {
    for (const part of parts) {
      if (this.isClosed) break;
      this.socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part, () => undefined);
      await new Promise(setImmediate);
    }
    return this;
  }

  /** Whole ones so far; interim ones too. */
  get answers(): RawAnswer[] {
    return answersIn(this.received.toString('latin1'));
  }

  /** Waits for that many answers, or for the end of the connection. */
  async until(count: number): Promise<RawAnswer[]> {
    while (this.answers.length < count && !this.isClosed)
      await Promise.race([once(this.socket, 'data').catch(() => undefined), this.closed]);
    return this.answers;
  }

  close(): void {
    this.socket.destroy();
  }
}

function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const [start = '', ...lines] = text.slice(at, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(start.split(' ')[1]);
    const body = bodyIn(text, end + 4, headers, status);
    if (body === undefined) break;
    answers.push({ status, headers, body: body.text });
    at = body.end;
  }
  return answers;
}

/** Undefined while it has not come as a whole. */
function bodyIn(
  text: string,
  start: number,
  headers: Record<string, string>,
  status: number,
): { text: string; end: number } | undefined {
  if (status < 200 || status === 204 || status === 304) return { text: '', end: start };
  if (headers['transfer-encoding'] !== 'chunked') {
    const end = start + Number(headers['content-length'] ?? 0);
    return end > text.length ? undefined : { text: text.slice(start, end), end };
  }
  let body = '';
  for (let at = start; ;) {
    const line = text.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = parseInt(text.slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (next > text.length) return undefined;
    if (size === 0) return { text: body, end: next };
    body += text.slice(line + 2, line + 2 + size);
    at = next;
  }
}
