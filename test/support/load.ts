// Requests over connections that stay open: of a few callers who wait for their answers, or so many a second whoever waits.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between an answer and the next question of the same caller. */
const PAUSE_MS = 20;
/** Milliseconds between two looks at what is due. */
const TICK_MS = 2;

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

export const isFailed = ({ result }: Outcome): boolean => typeof result === 'string' || result >= 400;

/** Callers that wait for their answers, or requests a second that come whatever becomes of those before them. */
export type Pace = { readonly callers: number } | { readonly perSecond: number };

export class Load {
  readonly outcomes: Outcome[] = [];
  private isOver = false;
  private count = 0;
  private readonly callers: Promise<unknown>[];
  private readonly agent = new Agent({ keepAlive: true });

  /** @param next what to ask; the number counts all questions */
  constructor(
    private readonly port: number,
    pace: Pace,
    private readonly next: (n: number) => Asked,
  ) {
    this.callers =
      'callers' in pace ? Array.from({ length: pace.callers }, () => this.call()) : [this.arrive(pace.perSecond)];
  }

  /** Waits until that many more have been answered, one way or the other. */
  async more(count: number): Promise<void> {
    const enough = this.outcomes.length + count;
    while (this.outcomes.length < enough) await delay(5);
  }

  /** Waits for those on their way; gives what was no success. */
  async stop(): Promise<Outcome[]> {
    this.isOver = true;
    await Promise.all(this.callers);
    this.agent.destroy();
    return this.outcomes.filter(isFailed);
  }

  private async call(): Promise<void> {
    while (!this.isOver) {
      await this.one(performance.now());
      await delay(PAUSE_MS);
    }
  }

  /** The clock of each request runs from the moment when it was due. */
  private async arrive(perSecond: number): Promise<void> {
    const asked: Promise<void>[] = [];
    for (let due = performance.now(); !this.isOver; await delay(TICK_MS))
      for (; due <= performance.now(); due += 1_000 / perSecond) asked.push(this.one(due));
    await Promise.all(asked);
  }

  private async one(startedAt: number): Promise<void> {
    const asked = this.next(this.count++);
    const { status, body } = await ask(this.port, asked, this.agent).catch((error: NodeJS.ErrnoException) => ({
      status: error.code ?? error.message,
      body: '',
    }));
    const { method = 'GET', path } = asked;
    this.outcomes.push({ method, path, result: status, startedAt, ms: performance.now() - startedAt, body });
  }
}
