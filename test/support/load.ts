// A few callers that each ask again a moment after they were answered, over connections that stay open.
import { Agent, request } from 'node:http';

/** Milliseconds between an answer and the next question. */
const PAUSE_MS = 20;

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address to come from. */
  readonly localAddress?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** @throws Error of the socket; nothing is sent twice */
export function ask(port: number, { method = 'GET', ...asked }: Asked, agent?: Agent): Promise<Answered> {
  const { path, body, localAddress } = asked;
  // Of a DELETE, Node would not say it.
  const headers = { ...asked.headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, agent, localAddress, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

export interface Outcome {
  readonly method: string;
  readonly path: string;
  /** The status, or the code of the socket's error. */
  readonly result: number | string;
  /** Milliseconds on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly ms: number;
  readonly body: string;
}

export class Load {
  readonly outcomes: Outcome[] = [];
  private isOver = false;
  private readonly callers: Promise<void>[];
  private readonly agent = new Agent({ keepAlive: true });

  /** @param next what to ask; the number counts all questions */
  constructor(
    private readonly port: number,
    callers: number,
    private readonly next: (n: number) => Asked,
  ) {
    this.callers = Array.from({ length: callers }, () => this.call());
  }

  /** Waits until that many more have been answered, one way or the other. */
  async more(count: number): Promise<void> {
    const enough = this.outcomes.length + count;
    while (this.outcomes.length < enough) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Waits for those on their way; gives what was no success. */
  async stop(): Promise<Outcome[]> {
    this.isOver = true;
    await Promise.all(this.callers);
    this.agent.destroy();
    return this.outcomes.filter(({ result }) => typeof result === 'string' || result >= 400);
  }

  private count = 0;

  private async call(): Promise<void> {
    while (!this.isOver) {
      const asked = this.next(this.count++);
      const startedAt = performance.now();
      const { status, body } = await ask(this.port, asked, this.agent).catch((error: NodeJS.ErrnoException) => ({
        status: error.code ?? error.message,
        body: '',
      }));
      const { method = 'GET', path } = asked;
      this.outcomes.push({ method, path, result: status, startedAt, ms: performance.now() - startedAt, body });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
