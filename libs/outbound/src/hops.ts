// Makes one request of one host: in its lane, past its breaker, and with a verdict about the host at the end.
import type { Readable } from 'node:stream';
import { Agent } from 'undici';
import { Allowed } from './allowed';
import { Breakers, type Pass, type Verdict } from './breakers';
import { CallFailed } from './call-failed';
import { checkedConnector } from './connector';
import { failureOf } from './failures';
import { Lanes } from './lanes';
import type { Patience } from './patience';
import { createResolve } from './resolve';
import type { OutboundSettings } from './settings';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Partial<Record<string, string>>>;
  readonly body: Readable;
}

/** Bytes and milliseconds for which the rest of an unwanted answer is waited for, so that its connection can be kept. */
const REST = { limit: 16 * 1024, timeoutMs: 1_000 } as const;
const KEEP_MS = 10_000;
const MAX_HEADER_BYTES = 16 * 1024;

export class Hops {
  private readonly lanes: Lanes;
  private readonly breakers: Breakers;
  private readonly agent: Agent;

  constructor(settings: OutboundSettings) {
    const { concurrency, perHost, breakAfter, breakMs, connectMs, headersMs } = settings;
    const allowed = new Allowed(settings.allow);
    this.lanes = new Lanes(concurrency, perHost);
    this.breakers = new Breakers(breakAfter, breakMs);
    this.agent = new Agent({
      connect: checkedConnector(allowed, settings.resolve ?? createResolve(allowed), connectMs),
      connections: perHost,
      pipelining: 1,
      headersTimeout: headersMs,
      // Silence within a body is waiting, which is counted as such.
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_MS,
      keepAliveMaxTimeout: KEEP_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
  }

  /**
   * @param use has the answer until it returns
   * @throws CallFailed, or what `use` throws
   */
  async visit<T>(
    url: URL,
    headers: Readonly<Record<string, string>>,
    { patience, signal }: { patience: Patience; signal: AbortSignal },
    use: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    const { pass, leave } = await this.admit(url.host, patience, signal);
    let verdict: Verdict = 'nothing';
    const stop = new AbortController();
    try {
      const answer = await this.ask(url, headers, patience, stop.signal);
      if (answer.status < 500) {
        verdict = 'good';
        pass.answered();
      }
      return await use(answer);
    } catch (error) {
      if (error instanceof CallFailed && error.isFault) verdict = 'bad';
      stop.abort();
      throw error;
    } finally {
      pass.judge(verdict);
      leave();
    }
  }

  /** Reads the rest of an answer that nobody wants, if it is short, and closes the connection otherwise. */
  static drop({ body }: Answer): void {
    void (body as Readable & { dump(options: object): Promise<null> })
      .dump({ limit: REST.limit, signal: AbortSignal.timeout(REST.timeoutMs) })
      .catch(() => undefined);
  }

  /** Ends what is on its way. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** Whoever waits for the verdict of another holds no place meanwhile. */
  private async admit(
    host: string,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<{ pass: Pass; leave: () => void }> {
    for (;;) {
      const leave = await this.lanes.enter(host, signal);
      const pass = this.breakers.enter(host);
      if (!(pass instanceof Promise)) return { pass, leave };
      leave();
      await patience.within(pass);
    }
  }

  private async ask(
    { origin, host, pathname, search }: URL,
    headers: Readonly<Record<string, string>>,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<Answer> {
    try {
      const path = `${pathname}${search}`;
      const asked = this.agent.request({ origin, path, method: 'GET', headers: { ...headers }, signal });
      const { statusCode, headers: answered, body } = await patience.within(asked);
      // What it emits is thrown where it is read; without a listener it would end the process as well.
      body.on('error', () => undefined);
      return { status: statusCode, headers: joined(answered), body };
    } catch (error) {
      throw failureOf(error, host, 'headers');
    }
  }
}

/** One string each: servers behind proxies send some of them twice. */
function joined(headers: Record<string, string | string[] | undefined>): Answer['headers'] {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...new Set(value)].join(', ') : value,
  ]);
  return Object.fromEntries(entries) as Answer['headers'];
}
