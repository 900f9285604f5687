// Debian's nginx and HAProxy in front of a server, each with the smallest configuration that keeps connections to it open.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis';

export interface Proxy {
  readonly port: number;
  stop(): Promise<void>;
}

/** The id that it gives to each request: one without it has reached the service behind the proxy's back. */
export const HOP = 'hop';

const NGINX = (port: number, server: number) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream service { server 127.0.0.1:${server}; keepalive 8; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Request-Id ${HOP};
    }
  }
}`;

const HAPROXY = (port: number, server: number) => `
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  http-reuse always
listen service
  bind 127.0.0.1:${port}
  http-request set-header X-Request-Id ${HOP}
  server one 127.0.0.1:${server}
`;

/** @param path of the program, as `describeWith('nginx', …)` gives it */
export const startNginx = (path: string, server: number): Promise<Proxy> =>
  start(path, NGINX, server, (file, folder) => ['-p', folder, '-c', file]);

/** @param path of the program, as `describeWith('haproxy', …)` gives it */
export const startHaproxy = (path: string, server: number): Promise<Proxy> =>
  start(path, HAPROXY, server, (file) => ['-db', '-f', file]);

async function start(
  path: string,
  configuration: (port: number, server: number) => string,
  server: number,
  wordsOf: (file: string, folder: string) => string[],
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-proxy-'));
  // Of root's, nginx gives its temporary files to another user.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'proxy.conf');
  writeFileSync(file, configuration(port, server));
  const child = spawn(path, wordsOf(file, folder), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await untilItListens(child, port).catch((error: unknown) => {
    throw new Error(`${path} does not listen: ${said}`, { cause: error });
  });
  return {
    port,
    async stop() {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
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
