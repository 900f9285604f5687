// Three instances of the built service on one database, each on a port that it keeps when it is started again.
import { TestApi } from './api';
import { freePort } from './redis';
import { type Exit, Service } from './service';

const SECRET = 'the secret of all instances of a fleet, of 32 bytes or more';

interface Instance {
  readonly port: number;
  readonly adminPort: number;
  service: Service;
}

export class Fleet {
  private constructor(
    /** One more instance, inside the test: makes accounts, and looks at the rows. */
    readonly api: TestApi,
    private readonly instances: Instance[],
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<Fleet> {
    const api = await TestApi.start({ jwtSecret: SECRET });
    const settings = {
      DATABASE_URL: api.databaseUrl,
      JWT_SECRET: SECRET,
      TRUST_PROXY: '127.0.0.1',
      RATE_LIMIT_WRITES: 'off',
      ...environment,
    };
    const ports = await Promise.all([1, 2, 3].map(async () => [await freePort(), await freePort()] as const));
    const instances = await Promise.all(
      ports.map(async ([port, adminPort]) => {
        const service = await launch(settings, port, adminPort);
        return { port, adminPort, service };
      }),
    );
    return new Fleet(api, instances, settings);
  }

  get ports(): number[] {
    return this.instances.map(({ port }) => port);
  }

  async stop(): Promise<void> {
    await Promise.all(this.instances.map(({ service }) => service.stop('SIGKILL')));
    await this.api.close();
  }

  signal(at: number, signal: NodeJS.Signals): void {
    this.instances[at]?.service.child.kill(signal);
  }

  /** Ends one and starts it again on its port. @returns how it ended, and after how many milliseconds */
  async replace(at: number, signal: NodeJS.Signals): Promise<Exit & { readonly ms: number }> {
    const instance = this.instances[at] as Instance;
    const toldAt = performance.now();
    const exit = await instance.service.stop(signal);
    const ms = performance.now() - toldAt;
    instance.service = await launch(this.environment, instance.port, instance.adminPort);
    return { ...exit, ms };
  }

  /** Requests that each has answered, but for what a balancer asks by itself. */
  async answered(): Promise<number[]> {
    return Promise.all(
      this.instances.map(async ({ adminPort }) => {
        const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
        const counts = metrics.matchAll(
          /^http_request_duration_seconds_count\{.*route="(?!\/health\/ready)[^"]+".*\} (\d+)/gm,
        );
        return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
      }),
    );
  }
}

/** Again when it ends before it listens, as whoever supervises it would: on a busy machine it may find no connection in time. */
async function launch(settings: NodeJS.ProcessEnv, port: number, adminPort: number, attempts = 3): Promise<Service> {
  try {
    return await Service.start({ ...settings, PORT: String(port), ADMIN_PORT: String(adminPort) });
  } catch (error) {
    if (attempts === 1) throw error;
    return launch(settings, port, adminPort, attempts - 1);
  }
}
