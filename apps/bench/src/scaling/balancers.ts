// What HAProxy and nginx spend on a request, with the configurations of deploy, in front of one instance.
import { cpSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Program, startProgram } from '../child';
import { isOnPath } from '../machine';
import { ROOT } from '../paths';
import { type Ask, writeRequests } from '../requests';
import { measuredLoad, refuseFailures } from '../wrk';
import { type Balancers, rounded } from './inputs';
import { askPatiently } from './patience';
import { freePort } from '../ports';

const SECONDS = 5;
const CONNECTIONS = 64;
const DEPLOY = join(ROOT, 'deploy');

interface Target {
  readonly directory: string;
  /** host:port */
  readonly instance: string;
  readonly asks: readonly Ask[];
}

/** Of those that are installed. */
export async function balancerCosts(target: Target): Promise<Balancers> {
  const keys: readonly Ask[] = [{ path: '/.well-known/jwks.json' }];
  return {
    haproxy: await costOf('haproxy', target, (port) => haproxy(target, port)),
    nginx: await costOf('nginx', target, (port) => nginx(target, port, 'off')),
    kept: await costOf('nginx', { ...target, asks: keys }, (port) => nginx(target, port, 'micro')),
  };
}

const haproxy = ({ instance }: Target, port: number): Program => ({
  command: 'haproxy',
  args: ['-db', '-f', join(DEPLOY, 'haproxy/haproxy.cfg')],
  environment: {
    FLOODGATE_LISTEN: `127.0.0.1:${port}`,
    ...Object.fromEntries([1, 2, 3].map((at) => [`FLOODGATE_${at}`, instance])),
  },
});

function nginx({ directory, instance }: Target, port: number, cache: 'off' | 'micro'): Program {
  const folder = join(directory, `nginx-${port}`);
  cpSync(join(DEPLOY, 'nginx'), folder, { recursive: true });
  const site = (name: string, text: string): void => writeFileSync(join(folder, 'site', name), `${text}\n`);
  site('instances.conf', `server ${instance};`);
  site('listen.conf', `listen 127.0.0.1:${port};`);
  site('switches.conf', `map "" $micro_cache { default ${cache}; }`);
  // One process, whose time is easy to read.
  const words = ['-g', 'daemon off; master_process off;'];
  return { command: 'nginx', args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', ...words] };
}

/** Microseconds of CPU for one request; null where it is not installed, or does not do as it should. */
async function costOf(name: string, target: Target, programAt: (port: number) => Program): Promise<number | null> {
  if (!isOnPath(name)) return null;
  try {
    return await measuredCost(target, programAt);
  } catch (error) {
    process.stderr.write(`${name} was not measured: ${(error as Error).message}\n`);
    return null;
  }
}

async function measuredCost({ directory, asks }: Target, programAt: (port: number) => Program): Promise<number> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startProgram(programAt(port));
  try {
    await untilItListens(port, server.output);
    const requestsFile = join(directory, `balancer-${port}.requests`);
    writeRequests(requestsFile, url, asks);
    await askPatiently(url, asks);
    const plan = { url, requestsFile, connections: CONNECTIONS, seconds: SECONDS };
    const { round, result } = await measuredLoad(server.pid, plan);
    refuseFailures(url, result);
    return rounded(round.cpuMicroseconds);
  } finally {
    await server.stop();
  }
}

async function untilItListens(port: number, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await delay(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`The balancer does not listen: ${output()}`);
}
