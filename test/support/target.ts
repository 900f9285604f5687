// The built service as a process of its own, on the database of a test: what attacks it does not share its event loop.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TestApi } from './api';
import { freePort } from './redis';
import { digestOf } from './refusal';
import { Service } from './service';

/** Milliseconds of the event loop that nothing hostile may take in one piece. */
export const MAX_TURN_MS = 20;

const SECRET = 'the secret of all who are attacked, of 32 bytes or more';

export class Target {
  private constructor(
    /** Another instance on the same database: makes accounts, and looks at the rows. */
    readonly api: TestApi,
    readonly service: Service,
    private readonly probe: string,
    private readonly adminPort: number,
  ) {}

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<Target> {
    const api = await TestApi.start({ jwtSecret: SECRET });
    const probe = join(tmpdir(), `floodgate-probe-${randomUUID()}.sock`);
    const adminPort = await freePort();
    const service = await Service.start({
      ADMIN_PORT: String(adminPort),
      DATABASE_URL: api.databaseUrl,
      JWT_SECRET: SECRET,
      NODE_OPTIONS: `--require ${join(__dirname, 'loop-probe.cjs')}`,
      LOOP_PROBE: probe,
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
  async longestTurnMs(): Promise<number> {
    return Number(await text(connect(this.probe)));
  }

  /** Requests that have arrived and were answered, of a route's template or of all; `unmatched` is what no route is there for. */
  async requests(route = '[^"]+'): Promise<number> {
    const metrics = await (await fetch(`http://127.0.0.1:${this.adminPort}/metrics`)).text();
    const counts = metrics.matchAll(
      new RegExp(`^http_request_duration_seconds_count\\{.*route="${route}".*\\} (\\d+)`, 'gm'),
    );
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /**
   * The longest turn of something that is done: the least of up to eight times, since whatever else a process does by itself,
   * such as collecting garbage or compiling, comes on top now and then.
   */
  async turnMsOf(work: () => Promise<unknown>, enoughMs = MAX_TURN_MS): Promise<number> {
    let least = Infinity;
    for (let time = 0; time < 8 && least > enoughMs; time++) {
      await this.longestTurnMs();
      await work();
      least = Math.min(least, await this.longestTurnMs());
    }
    return least;
  }

  /** Sends what must change nothing and keep nobody waiting; gives what came back. */
  async withstands<Answer>(send: () => Promise<Answer>, enoughMs = MAX_TURN_MS): Promise<Answer> {
    const before = await digestOf(this.api);
    const answers: Answer[] = [];
    const turnMs = await this.turnMsOf(async () => answers.push(await send()), enoughMs);
    expect(await digestOf(this.api)).toEqual(before);
    expect(turnMs).toBeLessThanOrEqual(enoughMs);
    return answers.at(-1) as Answer;
  }
}
