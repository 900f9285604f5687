// The built service as a process of its own, on the database of a test: what attacks it does not share its event loop.
import { type Account, TestApi } from './api';
import { LoopProbe, maxTurnMs } from './loop-probe';
import { Raw, type RawAnswer } from './raw';
import { freePort } from './redis';
import { digestOf } from './refusal';
import { Service } from './service';

const SECRET = 'the secret of all who are attacked, of 32 bytes or more';

export interface Asked {
  readonly as?: Account;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON body; undefined if there is none. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly ms: number;
}

/** What a suite of attacks is about, from `beforeAll` on. */
export interface Scene {
  readonly target: Target;
  readonly owner: Account;
}

/** Starts a service for all tests of a file, and an account that owns what is attacked. */
export function attack({ role, ...environment }: NodeJS.ProcessEnv & { role?: 'admin' } = {}): Scene {
  const scene = {} as { target: Target; owner: Account };
  beforeAll(async () => {
    scene.target = await Target.start(environment);
    scene.owner = await scene.target.api.createAccount({ role });
  }, 60_000);
  // Undefined where it could not even be started.
  afterAll(() => scene.target?.stop());
  return scene;
}

export class Target {
  private constructor(
    /** Another instance on the same database: makes accounts, and looks at the rows. */
    readonly api: TestApi,
    readonly service: Service,
    private readonly probe: LoopProbe,
    private readonly adminPort: number,
  ) {}

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<Target> {
    const api = await TestApi.start({ jwtSecret: SECRET });
    const probe = new LoopProbe();
    const adminPort = await freePort();
    const service = await Service.start({
      ADMIN_PORT: String(adminPort),
      DATABASE_URL: api.databaseUrl,
      JWT_SECRET: SECRET,
      ...probe.environment,
      // What is refused for its number is refused for nothing else.
      RATE_LIMIT_WRITES: 'off',
      RATE_LIMIT_LOGINS: 'off',
      RATE_LIMIT_SIGN_UPS: 'off',
      RATE_LIMIT_BULK: 'off',
      ...environment,
    });
    return new Target(api, service, probe, adminPort);
  }

  get port(): number {
    return Number(new URL(this.service.url).port);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.api.close();
  }

  /** The longest time, in milliseconds, for which its event loop was busy in one piece since this was asked last. */
  longestTurnMs(): Promise<number> {
    return this.probe.longestTurnMs();
  }

  /** Requests that have arrived and were answered, of a route's template or of all; `unmatched` is what no route is there for. */
  async requests(route = '[^"]+'): Promise<number> {
    const metrics = await (await fetch(`http://127.0.0.1:${this.adminPort}/metrics`)).text();
    const counts = metrics.matchAll(
      new RegExp(`^http_request_duration_seconds_count\\{.*route="${route}".*\\} (\\d+)`, 'gm'),
    );
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Asks as a client of HTTP does. */
  async ask(method: string, path: string, { as, headers, body }: Asked = {}): Promise<Answered> {
    const startedAt = performance.now();
    const answer = await fetch(`${this.service.url}${path}`, {
      method,
      headers: { ...(as && { authorization: `Bearer ${as.token}` }), ...headers },
      body: body as string,
    });
    const text = await answer.text();
    const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '') && text !== '';
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson ? (JSON.parse(text) as unknown) : undefined,
      ms: performance.now() - startedAt,
    };
  }

  /** Sends these bytes on a connection of their own. @param count of the answers that are waited for; else, until the service ends it */
  async write(bytes: string | Buffer, count = Infinity): Promise<RawAnswer[]> {
    const raw = await Raw.open(this.port);
    try {
      return await (await raw.send(bytes)).until(count);
    } finally {
      raw.close();
    }
  }

  /**
   * Sends what must change nothing and keep nobody waiting; gives what came back.
   * @param allowed milliseconds of the event loop in one piece
   */
  async withstands<Answer>(send: () => Promise<Answer>, allowed = maxTurnMs): Promise<Answer> {
    const before = await digestOf(this.api);
    const answers: Answer[] = [];
    const turnMs = await this.probe.turnMsOf(async () => answers.push(await send()), allowed);
    expect(await digestOf(this.api)).toEqual(before);
    expect(turnMs).toBeLessThanOrEqual(allowed(turnMs));
    return answers.at(-1) as Answer;
  }
}
