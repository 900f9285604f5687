import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { describeWith } from '../../../test/support/programs';
import { startProxy } from '../../../test/support/proxy';
import { freePort, startRedis, type RedisServer } from '../../../test/support/redis';
import { RedisLink, type RedisClient } from './redis';

/** A link, and what it tells. */
function linkTo(url: string) {
  const downs: string[] = [];
  let client: RedisClient | undefined;
  let wake = (): void => undefined;
  const onUp = (up: RedisClient) => ((client = up), wake());
  const onDown = (reason: string) => (downs.push(reason), (client = undefined), wake());
  const link = new RedisLink({ url, onUp, onDown });
  return {
    link,
    downs,
    client: () => client,
    async until(isSo: () => boolean) {
      while (!isSo()) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

const closedIn = async (link: RedisLink): Promise<number> => {
  const startedMs = performance.now();
  await link.close();
  return performance.now() - startedMs;
};

describe('a server that is no Redis, or none that serves', () => {
  let server: Server;
  let sockets: Socket[];
  const answering = async (answer: (text: string) => string, greeting = ''): Promise<string> => {
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.write(greeting);
      socket.on('data', (chunk) => socket.write(answer(String(chunk))));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ['loads', '-LOADING Redis is loading the dataset in memory\r\n', '', /LOADING/],
    ['wants a password', '-NOAUTH Authentication required.\r\n', '', /NOAUTH/],
    [
      'lost its primary',
      "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
      '',
      /MASTERDOWN/,
    ],
    ['answers something else', '$4\r\nWHAT\r\n', '', /answered PING with WHAT/],
    ['is a web server', 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n', '', /no answer within 500 ms/],
    ['is a database that greets', '', 'J\0\0\0\n8.0.36\0', /no answer within 500 ms/],
    ['greets like one', '', '+hello\r\n+hello\r\n', /no answer within 500 ms|what is no answer|answered PING/],
    ['says the same again and again', '+PONG\r\n'.repeat(50), '', /./],
    ['counts to endless', '*99999999999\r\n', '', /./],
    ['says nothing', '', '', /no answer within 500 ms/],
  ])('%s', async (_, answer, greeting, reason) => {
    const { link, downs, until } = linkTo(await answering(() => answer, greeting));
    await link.connect();
    await until(() => downs.length > 0);
    expect(downs[0]).toMatch(reason);
    expect(await closedIn(link)).toBeLessThan(100);
  });

  test('one that cannot save is used for reading', async () => {
    const { link, downs, client } = linkTo(
      await answering(() => '-MISCONF Redis is configured to save RDB snapshots\r\n'),
    );
    await link.connect();
    expect(client()).toBeDefined();
    expect(downs).toEqual([]);
    await link.close();
  });

  test('one that does not answer AUTH does not hold up the end', async () => {
    const url = new URL(await answering(() => ''));
    url.password = 'secret';
    const { link } = linkTo(url.href);
    const connected = link.connect();
    await once(server, 'connection');
    expect(await closedIn(link)).toBeLessThan(100);
    await connected;
  });
});

describe('no server at all', () => {
  test('is told at each attempt, and not in the way of the end', async () => {
    const { link, downs, until } = linkTo(`redis://127.0.0.1:${await freePort()}`);
    await link.connect();
    await until(() => downs.length > 2);
    expect(downs[0]).toMatch(/ECONNREFUSED/);
    expect(await closedIn(link)).toBeLessThan(100);
    expect(await closedIn(link)).toBeLessThan(100);
  });

  test('a link that was never connected can be closed', async () => {
    await linkTo('redis://127.0.0.1:1').link.close();
  });
});

describeWith('redis-server', 'a connection', (path) => {
  let redis: RedisServer;
  beforeAll(async () => (redis = await startRedis(path, { settings: { bind: '127.0.0.1 ::1' } })));
  afterAll(() => redis.stop());

  test('with user, password and database, over IPv6', async () => {
    await redis.send('ACL', 'SETUSER', 'reader', 'on', '>p@ss/wörd', '+@all', '~*', '&*');
    const { link, downs } = linkTo(`redis://reader:p%40ss%2Fw%C3%B6rd@[::1]:${redis.port}/3`);
    await link.connect();
    expect(downs).toEqual([]);
    expect(await redis.send('CLIENT', 'LIST')).toMatch(/\[::1\].* db=3 .* user=reader /);
    await link.close();
  });

  test.each([
    ['redis://reader:wrong@127.0.0.1', /WRONGPASS/],
    ['redis://127.0.0.1/99', /DB index is out of range/],
  ])('refused as %s', async (url, reason) => {
    const { link, downs } = linkTo(url.replace('127.0.0.1', `127.0.0.1:${redis.port}`));
    await link.connect();
    expect(downs[0]).toMatch(reason);
    await link.close();
  });

  describeWith('openssl', 'with TLS', (openssl) => {
    const folder = mkdtempSync(join(tmpdir(), 'floodgate-tls-'));
    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    let secure: RedisServer;
    let url: string;
    beforeAll(async () => {
      const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      execFileSync(openssl, [...kind, ...names, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
      const port = await freePort();
      url = `rediss://localhost:${port}`;
      const tlsSettings = { 'tls-port': String(port), 'tls-cert-file': certificate, 'tls-key-file': key };
      secure = await startRedis(path, { settings: { ...tlsSettings, 'tls-auth-clients': 'no' } });
    });
    afterAll(async () => {
      await secure.stop();
      rmSync(folder, { recursive: true });
    });

    test('a certificate that nobody vouches for is refused', async () => {
      const { link, downs } = linkTo(url);
      await link.connect();
      expect(downs[0]).toMatch(/self-signed certificate/);
      await link.close();
    });

    test('a good one is used, and the end is quick', async () => {
      const { connect } = tls;
      const trusting = (options: tls.ConnectionOptions) => connect({ ...options, ca: readFileSync(certificate) });
      const spy = jest.spyOn(tls, 'connect').mockImplementation(trusting as typeof connect);
      const { link, client } = linkTo(url);
      await link.connect();
      expect(await client()!.get('a')).toBeNull();
      secure.freeze();
      expect(await closedIn(link)).toBeLessThan(100);
      spy.mockRestore();
    });
  });

  test('half of an answer is not taken into the next connection', async () => {
    await redis.send('SET', 'a', 'a'.repeat(1000));
    await redis.send('SET', 'b', 'b'.repeat(1000));
    const proxy = await startProxy(redis.port);
    const { link, client, until } = linkTo(`redis://127.0.0.1:${proxy.port}`);
    await link.connect();
    const first = client()!;
    proxy.garble((chunk) => {
      proxy.heal();
      setImmediate(() => proxy.cut());
      return chunk.subarray(0, 500);
    });
    await expect(first.mGet(['a', 'b'])).rejects.toThrow();
    await until(() => client() !== undefined && client() !== first);
    expect(await client()!.mGet(['b', 'a'])).toEqual(['b'.repeat(1000), 'a'.repeat(1000)]);
    await link.close();
    await proxy.close();
  });

  test('no more than 4,096 commands wait for a frozen Redis', async () => {
    const { link, client } = linkTo(redis.url);
    await link.connect();
    redis.freeze();
    const answers = await Promise.allSettled([
      ...Array.from({ length: 5000 }, () => client()!.get('a')),
      // The others fail with the connection.
      link.close(),
    ]);
    const full = answers.filter(
      (answer) => answer.status === 'rejected' && /queue is full/.test(String(answer.reason)),
    );
    expect(full.length).toBe(5000 - 4096);
    redis.thaw();
  });

  test('a frozen Redis does not hold up the end, which is no loss', async () => {
    const { link, client, downs } = linkTo(redis.url);
    await link.connect();
    redis.freeze();
    const answer = expect(client()!.get('a')).rejects.toThrow();
    expect(await closedIn(link)).toBeLessThan(100);
    await answer;
    expect(downs).toEqual([]);
    redis.thaw();
  });

  test('leaves no connection behind', async () => {
    const before = String(await redis.send('CLIENT', 'LIST')).split('\n').length;
    for (let round = 0; round < 20; round++) {
      const { link } = linkTo(redis.url);
      const connected = link.connect();
      if (round % 2 === 0) await connected;
      await link.close();
    }
    expect(String(await redis.send('CLIENT', 'LIST')).split('\n').length).toBe(before);
  });
});
