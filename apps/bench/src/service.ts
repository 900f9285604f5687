import { join } from 'node:path';
import { pinned, serve, type Server } from './child';
import { DIST } from './paths';
import { ask } from './requests';
import type { World } from './world';

export interface ServiceOptions {
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

/** @returns the value of `Authorization` */
export async function login(url: string, { email, password }: World['admin']): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email, password });
  const reply = await ask(url, { method: 'POST', path: '/v1/auth/login', headers, body });
  if (reply.status !== 200) throw new Error(`The login answered ${reply.status}: ${reply.body.toString()}`);
  return `Bearer ${(JSON.parse(reply.body.toString()) as { accessToken: string }).accessToken}`;
}
