import { join } from 'node:path';
import { pinned, serve, type Server } from './child';
import { DIST } from './paths';
import type { World } from './world';

interface ServiceOptions {
  /** The compiled one, or a patched copy. */
  readonly dist?: string;
  /** Beside that of the world. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** The whole application. */
export const startService = (world: World, { dist = DIST, environment }: ServiceOptions = {}): Promise<Server> =>
  serve(
    pinned(join(dist, 'apps/api/src/main.js'), [], { ...world.environment, ...environment }),
    /"url":"(http:[^"]+)","msg":"app\.listening"/,
  );
