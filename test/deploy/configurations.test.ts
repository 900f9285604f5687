// The files in `deploy` as their own programs judge them, as they stand there and with TLS.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificates';
import { ask } from '../support/load';
import { describeWith } from '../support/programs';
import { DEPLOY, PROXIES, type Proxy } from '../support/proxies';
import { Upstream } from '../support/upstream';

const folder = mkdtempSync(join(tmpdir(), 'floodgate-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judged = (program: string, ...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

describeWith('nginx', 'nginx -t', (path) => {
  it('finds nothing wrong', () => {
    const { status, said } = judged(path, '-p', folder, '-c', join(DEPLOY, 'nginx/nginx.conf'), '-t');
    expect({ status, warnings: said.match(/\[(warn|emerg|alert)].*/g) }).toEqual({ status: 0, warnings: null });
  });
});

describeWith('haproxy', 'haproxy -c', (path) => {
  it('finds nothing wrong', () => {
    const { status, said } = judged(path, '-c', '-f', join(DEPLOY, 'haproxy/haproxy.cfg'));
    expect({ status, warnings: said.match(/\[(WARNING|ALERT)].*/g) }).toEqual({ status: 0, warnings: null });
  });
});

for (const [program, start] of PROXIES)
  describeWith(program, `TLS through ${program}`, (path) => {
    let upstream: Upstream;
    let proxy: Proxy;

    beforeAll(async () => {
      const tls = makeCertificate('openssl', join(folder, program), 'localhost');
      upstream = await Upstream.start();
      proxy = await start(path, [upstream.port], { tls });
    });

    afterAll(async () => {
      await proxy?.stop();
      await upstream.stop();
    });

    it('tells the instance, however the caller calls it', async () => {
      const status = await new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: proxy.tlsPort, path: '/v1/items', rejectUnauthorized: false };
        const headers = { 'x-forwarded-proto': 'http' };
        request({ ...options, headers }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
      expect(status).toBe(200);
      expect(upstream.arrivals.at(-1)?.headers['x-forwarded-proto']).toBe('https');
    });

    it('is where plain requests are sent', async () => {
      const before = upstream.arrivals.length;
      const { status, headers } = await ask(proxy.port, { path: '/v1/items?a=b', headers: { host: 'shop.example' } });
      expect([status, headers['location']]).toEqual([308, 'https://shop.example/v1/items?a=b']);
      expect(upstream.arrivals).toHaveLength(before);
    });
  });
