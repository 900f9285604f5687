// One keep-alive connection to an instance: sends requests, several at once, and pairs the answers with them.
import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader } from './answers';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'PATCH' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

/** Why a request has no answer. */
export type Loss = 'refused' | 'cut' | 'timeout' | 'malformed';

export interface Outcome {
  /** Absent if the request has none. */
  readonly answer?: Answer;
  readonly loss?: Loss;
}

/** Longer than anything that is only slow or frozen. */
const TIMEOUT_MS = 6_000;

interface Waiting {
  readonly isHead: boolean;
  readonly settle: (outcome: Outcome) => void;
}

export class Connection {
  private readonly waiting: Waiting[] = [];
  private readonly socket: Socket;
  private loss?: Loss;

  constructor(port: number, timeoutMs = TIMEOUT_MS) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.setTimeout(timeoutMs, () => this.lose('timeout'));
    const reader = new AnswerReader(() => this.waiting[0]?.isHead === true);
    let hasConnected = false;
    this.socket.on('connect', () => (hasConnected = true));
    this.socket.on('error', () => this.lose(hasConnected ? 'cut' : 'refused'));
    this.socket.on('close', () => this.lose('cut'));
    this.socket.on('data', (chunk) => {
      const settled: (() => void)[] = [];
      let isMalformed = false;
      try {
        reader.read(chunk, (answer) => {
          const waiting = this.waiting.shift();
          settled.push(() => waiting?.settle({ answer }));
        });
      } catch {
        isMalformed = true;
      }
      for (const settle of settled) settle();
      if (isMalformed) this.lose('malformed');
    });
  }

  get isLost(): boolean {
    return this.loss !== undefined;
  }

  close(): void {
    this.lose('cut');
  }

  /** In one write. Each request is settled exactly once, in order; at once if the connection is lost. */
  send(requests: readonly Request[], settle: (outcome: Outcome, request: Request, index: number) => void): void {
    const { loss } = this;
    if (loss !== undefined) return requests.forEach((request, index) => settle({ loss }, request, index));
    requests.forEach((request, index) =>
      this.waiting.push({ isHead: request.method === 'HEAD', settle: (outcome) => settle(outcome, request, index) }),
    );
    this.socket.write(requests.map(textOf).join(''));
  }

  ask(request: Request): Promise<Outcome> {
    return new Promise((resolve) => this.send([request], resolve));
  }

  private lose(loss: Loss): void {
    if (this.loss !== undefined) return;
    this.loss = loss;
    this.socket.destroy();
    for (const { settle } of this.waiting.splice(0)) settle({ loss });
  }
}

function textOf({ method, path, headers = {}, body }: Request): string {
  let text = `${method} ${path} HTTP/1.1\r\nHost: floodgate\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  if (body === undefined) return `${text}\r\n`;
  const json = JSON.stringify(body);
  return `${text}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
}
