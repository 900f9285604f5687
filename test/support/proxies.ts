// Debian's nginx and HAProxy with the configurations of `deploy`, which are what operators run, on free ports.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis';

export const DEPLOY = join(__dirname, '../../deploy');

export interface ProxyOptions {
  /** Keep what the answers allow; nginx only. */
  readonly cache?: boolean;
  /** PEM files; then it also listens with TLS, and sends there what comes without. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Variables beside those for ports, or in their place; HAProxy only. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Proxy {
  readonly port: number;
  readonly tlsPort: number;
  /** What it has said on standard error. */
  readonly said: () => string;
  stop(): Promise<void>;
}

/** Starts a proxy in front of up to three ports. */
export type StartProxy = (path: string, instances: readonly number[], options?: ProxyOptions) => Promise<Proxy>;

/** The ids that they give to requests which have none; those of the service have a 7 where the version stands. */
export const HOP = /^([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

const QUIET: { stdio: ['ignore', 'ignore', 'pipe'] } = { stdio: ['ignore', 'ignore', 'pipe'] };

interface Ports {
  readonly port: number;
  readonly tlsPort: number;
}

/** @param path of the program, as `describeWith('nginx', …)` gives it */
export const startNginx: StartProxy = (path, instances, { cache, tls } = {}) =>
  start((folder, { port, tlsPort }) => {
    cpSync(join(DEPLOY, 'nginx'), folder, { recursive: true });
    const site = (name: string, text: string): void => writeFileSync(join(folder, 'site', name), text);
    const shipped = readFileSync(join(folder, 'site/instances.conf'), 'utf8');
    const portOf = (n: string): number => instances[(Number(n) - 1) % instances.length] as number;
    site(
      'instances.conf',
      shipped.replace(/:300([123])\b/g, (_, n: string) => `:${portOf(n)}`),
    );
    site(
      'listen.conf',
      tls
        ? `listen 127.0.0.1:${tlsPort} ssl http2; listen 127.0.0.1:${port};
           ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};
           if ($scheme = http) { return 308 https://$host$request_uri; }`
        : `listen 127.0.0.1:${port};`,
    );
    if (cache) site('switches.conf', 'map "" $micro_cache { default micro; }');
    return spawn(path, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'], QUIET);
  });

/** @param path of the program, as `describeWith('haproxy', …)` gives it */
export const startHaproxy: StartProxy = (path, instances, { tls, environment } = {}) =>
  start((folder, { port, tlsPort }) => {
    if (tls)
      writeFileSync(
        join(folder, 'both.pem'),
        [tls.certificate, tls.key].map((file) => readFileSync(file, 'utf8')).join(''),
      );
    const env = {
      FLOODGATE_LISTEN: `127.0.0.1:${port}`,
      ...Object.fromEntries(
        [1, 2, 3].map((n) => [`FLOODGATE_${n}`, `127.0.0.1:${instances[(n - 1) % instances.length]}`]),
      ),
      ...(tls && { FLOODGATE_TLS: `127.0.0.1:${tlsPort}`, FLOODGATE_CERTIFICATE: join(folder, 'both.pem') }),
      ...environment,
    };
    return spawn(path, ['-db', '-f', join(DEPLOY, 'haproxy/haproxy.cfg')], { ...QUIET, env });
  });

export const PROXIES = [
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
] as const satisfies readonly (readonly [string, StartProxy])[];

async function start(launch: (folder: string, ports: Ports) => ChildProcess): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-proxy-'));
  // Of root's, nginx gives its temporary files to another user.
  chmodSync(folder, 0o755);
  const ports = { port: await freePort(), tlsPort: await freePort() };
  const child = launch(folder, ports);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await untilItListens(child, ports.port).catch((error: unknown) => {
    throw new Error(`It does not listen: ${said}`, { cause: error });
  });
  return {
    ...ports,
    said: () => said,
    async stop() {
      const ended = once(child, 'exit');
      // Not SIGKILL, which would leave nginx's workers behind.
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilItListens(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
