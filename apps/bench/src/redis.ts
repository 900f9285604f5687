// A Redis that keeps nothing on disk.
import { serve, type Server } from './child';

const FIRST_PORT = 16_379;
const LAST_PORT = 16_479;

export interface Redis extends Server {
  readonly port: number;
}

/** It takes no port 0, and one that was free may be taken a moment later: the first that it gets. */
export async function startRedis(directory: string): Promise<Redis> {
  for (let port = FIRST_PORT; ; port++) {
    try {
      return await startRedisAt(port, directory);
    } catch (error) {
      if (!String(error).includes('Address already in use') || port === LAST_PORT) throw error;
    }
  }
}

/** @throws Error with what it wrote when it does not start */
export async function startRedisAt(port: number, directory: string): Promise<Redis> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'];
  const server = await serve({ command: 'redis-server', args }, /Ready to accept connections/);
  return { ...server, port, url: `redis://127.0.0.1:${port}` };
}
