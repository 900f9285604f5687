// Sends requests over a connection that is kept alive, and unpacks what comes back: of events, the first.
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Whoever says how long he waits may be told that it was too short. */
export const isOutOfTime = ({ headers }: Sent, { status }: Answer): boolean =>
  status === 504 && Object.keys(headers).some((name) => name.toLowerCase() === 'x-request-timeout');

const PATIENCE_MS = 20_000;

export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly port: number) {}

  async send({ method, url, headers, body }: Sent): Promise<Answer> {
    const sent = request({
      ...{ host: '127.0.0.1', port: this.port, agent: this.agent, method, path: url, timeout: PATIENCE_MS },
      headers: { ...headers, ...(body && { 'content-length': String(body.length) }) },
    });
    sent.once('timeout', () => sent.destroy(new Error(`There was no answer within ${PATIENCE_MS / 1_000} s.`)));
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    const isEndless = /^text\/event-stream/.test(answer.headers['content-type'] ?? '');
    for await (const chunk of answer) {
      chunks.push(chunk as Buffer);
      if (isEndless && Buffer.concat(chunks).includes('\n\n')) break;
    }
    const bytes = unpacked(Buffer.concat(chunks), answer.headers['content-encoding']);
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString() };
  }

  close(): void {
    this.agent.destroy();
  }
}

function unpacked(bytes: Buffer, encoding: string | undefined): Buffer {
  if (bytes.length === 0) return bytes;
  if (encoding === 'br') return brotliDecompressSync(bytes);
  return encoding === 'gzip' ? gunzipSync(bytes) : bytes;
}
