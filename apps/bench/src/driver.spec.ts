// The driver against servers that stall, refuse and forget.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Drive, DriveResult } from './drive';

// The compiled one: a process of Node can't run this folder's TypeScript.
const DRIVER = join(__dirname, '../../../dist/apps/bench/src/driver.js');

describe('the driver', () => {
  const directory = mkdtempSync(join(tmpdir(), 'floodgate-driver-'));
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true });
  });

  async function drive(listener: RequestListener, plan: Partial<Drive>): Promise<DriveResult> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const file = join(directory, 'plan');
    writeFileSync(join(directory, 'asks'), JSON.stringify([{ path: '/a' }]));
    const source = { kind: 'asks', asksFile: join(directory, 'asks'), status: 200 };
    writeFileSync(file, JSON.stringify({ url, connections: 4, seconds: 1, source, ...plan }));
    const { stdout } = await promisify(execFile)(process.execPath, [DRIVER, file]);
    return JSON.parse(/^RESULT (.+)$/m.exec(stdout)?.[1] ?? '') as DriveResult;
  }

  it('counts a stall for all that was due in it, however few were sent', async () => {
    let stalled = 0;
    const listener: RequestListener = (_request, response) => {
      // For 400 ms nobody is answered; four connections have four requests under way, and 40 are due.
      stalled ||= performance.now();
      setTimeout(() => response.end('well'), Math.max(0, stalled + 400 - performance.now()));
    };
    const result = await drive(listener, { ratePerSecond: 100 });
    expect(result).toMatchObject({ requests: 100, failed: 0, refused: 0 });
    // Evenly due in 400 of 1,000 ms: a fifth of all waited for 200 ms or more.
    expect(result.maxMs).toBeGreaterThan(350);
    expect(result.p90Ms).toBeGreaterThan(200);
  });

  it('tells refusals, and connections that break', async () => {
    const refused = await drive((_request, response) => response.writeHead(503).end(), {});
    expect(refused.refused).toBe(refused.requests);
    expect(refused.wrongStatus).toBe(503);
    const broken = await drive((request) => request.socket.destroy(), {});
    expect(broken.failed).toBeGreaterThan(0);
  });

  it('sees how old a state is that is shown', async () => {
    let version = 1;
    const body = (shown: number): string => JSON.stringify({ version: shown });
    const listener: RequestListener = (request, response) => {
      // Writes count up, and reads show the first version for ever.
      const isRead = request.method === 'GET';
      response.writeHead(request.method === 'POST' ? 201 : 200).end(body(isRead ? 1 : ++version));
    };
    writeFileSync(join(directory, 'ids'), 'one\ntwo');
    const mix = { kind: 'mix' as const, idsFile: join(directory, 'ids'), headers: {}, prefix: 'P' };
    const { staleness } = await drive(listener, { source: mix });
    expect(staleness?.staleReads).toBeGreaterThan(100);
    expect(staleness?.brokenReads).toBeGreaterThan(0);
    expect(staleness?.maxMs).toBeGreaterThan(500);
  });
});
