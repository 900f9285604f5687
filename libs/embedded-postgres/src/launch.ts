// Starts one PostgreSQL server that outlives this process, and tells why when it did not come up.
import { open, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Binaries } from './binaries';
import type { Home } from './home';
import { spawnProgram } from './program';

const MAX_LOG_BYTES = 1_000_000;

export type Settings = Readonly<Record<string, string | number>>;

export interface Launch {
  readonly pid: number | undefined;
  readonly hasExited: boolean;
  /** It ended because something is wrong, not because it was told or killed. */
  readonly hasFailed: boolean;
  /** What the server wrote since it was started. */
  readOutput(): Promise<string>;
}

export async function launch(home: Home, binaries: Binaries, dataFolder: string, settings: Settings): Promise<Launch> {
  const logPath = logPathOf(home);
  // Appended to, because servers that start at the same moment share it.
  const log = await open(logPath, 'a', 0o600);
  try {
    if ((await log.stat()).size > MAX_LOG_BYTES) await log.truncate();
    const { size: begin } = await log.stat();
    const all = { ...settings, listen_addresses: '127.0.0.1', port: await findFreePort(), unix_socket_directories: '' };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = await spawnProgram(binaries, home, ['postgres', '-D', dataFolder, ...args], {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    child.unref();
    return {
      pid: child.pid,
      get hasExited() {
        return child.exitCode !== null || child.signalCode !== null;
      },
      get hasFailed() {
        return child.exitCode !== null && child.exitCode > 0;
      },
      readOutput: async () => (await readFile(logPath)).subarray(begin).toString(),
    };
  } finally {
    await log.close();
  }
}

export function logPathOf({ directory }: Home): string {
  return join(directory, 'postgres.log');
}

/** Somebody may take it before PostgreSQL does, which then ends: the caller launches again. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
