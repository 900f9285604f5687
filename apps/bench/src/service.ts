import { join } from 'node:path';
import { pinned, serve, type Server } from './child';
import { DIST } from './paths';
import type { World } from './world';

/** The whole application. @param dist the compiled one, or a patched copy */
export const startService = ({ environment }: World, dist = DIST): Promise<Server> =>
  serve(pinned(join(dist, 'apps/api/src/main.js'), [], environment), /"url":"(http:[^"]+)","msg":"app\.listening"/);
