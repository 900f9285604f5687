import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../../../test/support/programs';
import { type Contestant, hold } from './contest';
import { optionsOf } from './options';

const options = { ...optionsOf(['--rounds', '1', '--seconds', '1', '--connections', '4']), warmUpSeconds: 1 };
const asks = [{ path: '/a' }, { path: '/b', headers: { 'if-none-match': '"1"' } }];

const contestant = (name: string, listener: RequestListener): Contestant => ({
  name,
  start: async () => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      pid: process.pid,
      stop: async () => {
        server.closeAllConnections();
        server.close();
      },
    };
  },
});

describeWith('wrk', 'a contest', () => {
  const directory = mkdtempSync(join(tmpdir(), 'floodgate-contest-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const contest = (...contestants: Contestant[]) =>
    hold({ name: 'spec', status: 200, asks, contestants }, options, directory);

  it('measures those who answer as they must', async () => {
    const urls = new Set<string>();
    const headers = new Set<string>();
    const [summary] = await contest(
      contestant('right', (request, response) => {
        urls.add(request.url ?? '');
        headers.add(String(request.headers['if-none-match']));
        response.writeHead(200, { 'cache-status': request.url === '/a' ? 'here; hit' : 'here; fwd=miss' });
        response.end('well');
      }),
    );
    expect([...urls].sort()).toEqual(['/a', '/b']);
    expect([...headers].sort()).toEqual(['"1"', 'undefined']);
    expect(summary).toMatchObject({ name: 'right', ratio: { median: 1, min: 1, max: 1 } });
    expect(summary?.rounds).toHaveLength(1);
    expect(summary?.perSecond.median).toBeGreaterThan(10);
    expect(summary?.cpuMicroseconds.median).toBeGreaterThan(0);
    expect(summary?.hits).toBeCloseTo(0.5, 1);
  });

  it.each([
    ['another status', 204, /answered \{"200":\d+,"204":\d+\}, and only 200 is right/],
    ['a refusal', 503, /[1-9]\d* of \d+ answers were refusals/],
  ])('fails with %s', async (_, status, sentence) => {
    let count = 0;
    const wrong = contestant('wrong', (_request, response) => {
      response.writeHead(++count % 10 === 0 ? status : 200);
      response.end();
    });
    await expect(contest(wrong)).rejects.toThrow(sentence);
  });
});
