// The built service as a process of its own, on the database of a test: what attacks it does not share its event loop.
import { TestApi } from './api';
import { LoopProbe, MAX_TURN_MS } from './loop-probe';
import { freePort } from './redis';
import { digestOf } from './refusal';
import { Service } from './service';
import { slowness } from './slowness';

const SECRET = 'the secret of all who are attacked, of 32 bytes or more';

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

  /** The longest turn of something that is done. */
  turnMsOf(work: () => Promise<unknown>, enoughMs = MAX_TURN_MS): Promise<number> {
    return this.probe.turnMsOf(work, enoughMs);
  }

  /** Requests that have arrived and were answered, of a route's template or of all; `unmatched` is what no route is there for. */
  async requests(route = '[^"]+'): Promise<number> {
    const metrics = await (await fetch(`http://127.0.0.1:${this.adminPort}/metrics`)).text();
    const counts = metrics.matchAll(
      new RegExp(`^http_request_duration_seconds_count\\{.*route="${route}".*\\} (\\d+)`, 'gm'),
    );
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Sends what must change nothing and keep nobody waiting; gives what came back. @param allowedMs of the event loop in one piece */
  async withstands<Answer>(send: () => Promise<Answer>, allowedMs = MAX_TURN_MS * slowness()): Promise<Answer> {
    const before = await digestOf(this.api);
    const answers: Answer[] = [];
    const turnMs = await this.turnMsOf(async () => answers.push(await send()), allowedMs);
    expect(await digestOf(this.api)).toEqual(before);
    expect(turnMs).toBeLessThanOrEqual(allowedMs);
    return answers.at(-1) as Answer;
  }
}
