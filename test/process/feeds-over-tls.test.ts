// A worker that is told of an authority, and suppliers whose certificates can be trusted, or cannot.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, TestApi } from '../support/api';
import { makeCertificate, pemOf } from '../support/certificates';
import { describeWith } from '../support/programs';
import { publishes, redirects, Supplier } from '../support/supplier';
import { killWorker, spawnWorker } from '../support/worker';

describeWith('openssl', 'a feed over TLS', (openssl) => {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-tls-'));
  const path = '/items';
  let api: TestApi;
  let admin: Account;
  let worker: ChildProcess;
  let trusted: Supplier;
  let stranger: Supplier;

  beforeAll(async () => {
    const authority = makeCertificate(openssl, join(folder, 'authority'), 'authority.example');
    trusted = await Supplier.start(
      '127.0.0.1',
      pemOf(makeCertificate(openssl, join(folder, 'a'), 'localhost', authority)),
    );
    stranger = await Supplier.start('127.0.0.1', pemOf(makeCertificate(openssl, join(folder, 'b'), 'localhost')));
    for (const one of [trusted, stranger]) one.at(path, publishes('{"sku":"A","name":"A"}\n'));
    api = await TestApi.start();
    admin = await api.createAccount({ role: 'admin' });
    worker = await spawnWorker(api.databaseUrl, {
      NODE_EXTRA_CA_CERTS: authority.certificate,
      FEEDS_ALLOW: '127.0.0.1,localhost',
    });
  });

  afterAll(async () => {
    await killWorker(worker);
    await api.close();
    for (const one of [trusted, stranger]) await one.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function outcomeOf(url: string): Promise<object> {
    const ask = (method: string, to: string, body?: object) => api.request(method, to, { as: admin, body });
    const { id } = (await ask('POST', '/v1/feeds', { name: url, url, format: 'ndjson' })).body;
    const job = `/v1/jobs/${(await ask('POST', '/v1/feeds/refresh', { feedIds: [id] })).body.id}`;
    // They end with the job.
    await ask('GET', `${job}/events`);
    return (await ask('GET', job)).body.feeds[0];
  }
  const at = (supplier: Supplier, host: string): string => `https://${host}:${supplier.port}${path}`;
  const refused = (reason: string): object => ({
    ...{ state: 'failed', code: 'tls', attempts: 1, received: 0, status: null },
    detail: expect.stringMatching(
      new RegExp(`^(localhost|127\\.0\\.0\\.1):\\d+ has no TLS that can be trusted: ${reason}\\.$`),
    ),
  });

  it('is read when its authority is trusted', async () => {
    expect(await outcomeOf(at(trusted, 'localhost'))).toMatchObject({ state: 'succeeded', status: 200, created: 1 });
  });

  it('is refused when its certificate is for another name', async () => {
    const times = trusted.asked.length;
    expect(await outcomeOf(at(trusted, '127.0.0.1'))).toMatchObject(refused('ERR_TLS_CERT_ALTNAME_INVALID'));
    expect(trusted.asked).toHaveLength(times);
  });

  it('is refused when nobody vouches for it', async () => {
    expect(await outcomeOf(at(stranger, 'localhost'))).toMatchObject(refused('DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(stranger.asked).toEqual([]);
  });

  it('is refused behind a redirect, too', async () => {
    const url = trusted.at('/moved', redirects(at(stranger, 'localhost')), 'localhost');
    expect(await outcomeOf(url)).toMatchObject({ ...refused('DEPTH_ZERO_SELF_SIGNED_CERT'), status: 302 });
    expect(stranger.asked).toEqual([]);
  });
});
