// PostgreSQL, Redis and the instances in front of them.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '../support/redis';
import { findProgram } from '../support/programs';
import { Instance } from './instance';
import { Postgres } from './postgres';

export const JWT_SECRET = 'a secret that is used in tests only, 32 bytes or more';

/** Lives as long as the checker. */
export interface Servers {
  readonly postgres: Postgres;
  readonly redis: RedisServer;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const redisPath = findProgram('redis-server');
  if (redisPath === undefined) throw new Error('The checker needs the program redis-server on the PATH.');
  const directory = mkdtempSync(join(tmpdir(), 'floodgate-coherence-'));
  // Open to the user that PostgreSQL runs as, or root's data would be kept elsewhere.
  chmodSync(directory, 0o755);
  const postgres = await Postgres.start(directory);
  const redis = await startRedis(redisPath);
  const stop = async (): Promise<void> => {
    await redis.stop();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { postgres, redis, stop };
}

/** The first brings the schema up to date before the others start. */
export async function startInstances(
  { postgres, redis }: Servers,
  settings: { readonly count: number; readonly build: string; readonly stalenessMs: number },
): Promise<Instance[]> {
  const { count, build, stalenessMs } = settings;
  const start = (index: number): Promise<Instance> =>
    Instance.start({
      name: `instance ${index + 1}`,
      build,
      databaseUrl: postgres.url,
      redisPort: redis.port,
      jwtSecret: JWT_SECRET,
      stalenessMs,
    });
  const first = await start(0);
  return [first, ...(await Promise.all(Array.from({ length: count - 1 }, (_, index) => start(index + 1))))];
}
