// What nginx and HAProxy make of a request and of an answer: who sends it, what is sent again and what is not, and streams.
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { ask, type Asked } from '../support/load';
import { describeWith } from '../support/programs';
import { PROXIES, type Proxy } from '../support/proxies';
import { freePort } from '../support/redis';
import { Upstream } from '../support/upstream';

for (const [program, start] of PROXIES)
  describeWith(program, `through ${program}`, (path) => {
    let upstreams: Upstream[];
    let proxy: Proxy;

    beforeAll(async () => {
      upstreams = await Promise.all([Upstream.start(), Upstream.start(), Upstream.start()]);
    });
    beforeEach(async () => {
      for (const one of upstreams) {
        one.arrivals.length = 0;
        one.answer = (_request, response) => response.end('ok');
      }
      // Anew, so that no test meets an instance that another one's failures have taken out.
      proxy = await start(
        path,
        upstreams.map(({ port }) => port),
      );
    });
    afterEach(() => proxy?.stop());
    afterAll(() => Promise.all(upstreams.map((one) => one.stop())));

    const arrivals = () => upstreams.flatMap((one) => one.arrivals);

    /** Whoever gets the first request ends the connection before or after it has read it whole. */
    function failOnce(): void {
      let isDone = false;
      for (const one of upstreams)
        one.answer = (request, response) => {
          if (isDone) return response.end('ok');
          isDone = true;
          return request.socket.resetAndDestroy();
        };
    }

    describe('who sends it', () => {
      const FORGED = {
        'x-forwarded-for': '203.0.113.7, 127.0.0.1',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '443',
        'x-real-ip': '203.0.113.7',
        forwarded: 'for=203.0.113.7',
      };

      it.each<Record<string, string>>([{}, { accept: 'text/event-stream' }, { 'idempotency-key': 'k' }])(
        'with %j',
        async (headers) => {
          const asked = { path: '/v1/items', localAddress: '127.0.0.9', headers: { ...headers, ...FORGED } };
          await ask(proxy.port, asked);
          await ask(proxy.port, { ...asked, method: 'POST' });
          for (const { headers: seen } of arrivals()) {
            const about = Object.entries(seen).filter(([name]) => /forwarded|real-ip/.test(name));
            expect(Object.fromEntries(about)).toEqual({ 'x-forwarded-for': '127.0.0.9', 'x-forwarded-proto': 'http' });
          }
          expect(arrivals()).toHaveLength(2);
        },
      );
    });

    describe('the request id', () => {
      it.each([
        ['abc-DEF.1', 'abc-DEF.1'],
        ['not fit', expect.stringMatching(/^[0-9a-fA-F-]{32,36}$/)],
        ['x'.repeat(129), expect.stringMatching(/^[0-9a-fA-F-]{32,36}$/)],
      ])('%s', async (given, seen) => {
        await ask(proxy.port, { path: '/', headers: { 'x-request-id': given } });
        expect(arrivals()[0]?.headers['x-request-id']).toEqual(seen);
      });

      it('is made where there is none', async () => {
        await ask(proxy.port, { path: '/' });
        expect(arrivals()[0]?.headers['x-request-id']).toMatch(/^[0-9a-fA-F-]{32,36}$/);
      });
    });

    describe('an instance that ends the connection instead of answering', () => {
      const key = { 'idempotency-key': 'one' };
      const body = '{"name":"Lamp"}';

      it.each<[what: string, asked: Asked, attempts: number]>([
        ['a GET is asked again', { path: '/' }, 2],
        ['a HEAD is asked again', { path: '/', method: 'HEAD' }, 2],
        ['a keyed POST is sent again', { path: '/', method: 'POST', headers: key, body }, 2],
        ['so is a larger one', { path: '/', method: 'POST', headers: key, body: 'x'.repeat(50_000) }, 2],
        ['a POST without a key is not', { path: '/', method: 'POST', body }, 1],
        ['nor one with an empty key', { path: '/', method: 'POST', headers: { 'idempotency-key': '' }, body }, 1],
        ['nor a PUT', { path: '/', method: 'PUT', body }, 1],
        ['nor a PATCH', { path: '/', method: 'PATCH', body }, 1],
        ['nor a DELETE', { path: '/', method: 'DELETE' }, 1],
        ['nor an import', { path: '/v1/items/import', method: 'POST', headers: key, body }, 1],
      ])('%s', async (_what, asked, attempts) => {
        failOnce();
        const answer = await ask(proxy.port, asked);
        expect(arrivals().map((one) => one.body)).toEqual(Array(attempts).fill(asked.body ?? ''));
        if (attempts === 2) expect(answer.status).toBe(200);
        else {
          expect([502, 503]).toContain(answer.status);
          expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '1' });
          expect(JSON.parse(answer.body)).toMatchObject({ status: answer.status, code: 'not_ready' });
        }
      });
    });

    it.each(['POST', 'PUT', 'DELETE'])('a %s goes elsewhere when an instance does not even listen', async (method) => {
      const [first] = upstreams as [Upstream, ...Upstream[]];
      const port = await freePort();
      await proxy.stop();
      proxy = await start(path, [port, first.port, first.port]);
      for (let n = 0; n < 6; n++) expect((await ask(proxy.port, { path: '/', method, body: '{}' })).status).toBe(200);
      expect(first.arrivals).toHaveLength(6);
    });

    it.each(['GET', 'POST', 'PUT'])('a %s is refused in our words where nobody listens', async (method) => {
      await proxy.stop();
      proxy = await start(path, await Promise.all([freePort(), freePort(), freePort()]));
      for (let n = 0; n < 6; n++) {
        const { status, headers, body } = await ask(proxy.port, { path: '/', method });
        expect([status, headers['content-type']]).toEqual([503, 'application/problem+json']);
        expect(JSON.parse(body)).toMatchObject({ status: 503, code: 'not_ready' });
      }
    });

    it.each(['GET', 'POST', 'PUT'])('a %s finds them when all have failed a moment ago', async (method) => {
      let failures = 0;
      for (const one of upstreams) {
        let left = 3;
        one.answer = (request, response) => {
          if (left === 0) return response.end('ok');
          left--;
          failures++;
          return request.socket.resetAndDestroy();
        };
      }
      while (failures < 9) await ask(proxy.port, { path: '/' }).catch(() => undefined);
      for (let n = 0; n < 3; n++) expect((await ask(proxy.port, { path: '/', method })).status).toBe(200);
    });

    if (program === 'haproxy')
      it('all are asked while none is ready, since they may know an answer', async () => {
        for (const one of upstreams) one.isReady = false;
        while (!/no server available/.test(proxy.said())) await new Promise((resolve) => setTimeout(resolve, 20));
        for (let n = 0; n < 6; n++) expect((await ask(proxy.port, { path: '/' })).status).toBe(200);
        for (const one of upstreams) one.isReady = true;
      });

    /** Mebibytes; the service itself takes 2 of a body, and 100 of a file. */
    it.each([
      ['a batch', '/v1/items/batch', 2, {}],
      ['a batch under a key', '/v1/items/batch', 2, { 'idempotency-key': 'k' }],
      ['a file', '/v1/items/import', 20, {}],
    ])('%s is as large as the service takes it', async (_what, path, mib, headers) => {
      const body = 'x'.repeat(mib * 2 ** 20);
      expect((await ask(proxy.port, { method: 'POST', path, headers, body })).status).toBe(200);
      expect(arrivals().map((one) => one.body.length)).toEqual([body.length]);
    });

    it.each(['text/event-stream', 'application/json, text/event-stream'])(
      'a stream of events passes as it comes: %s',
      async (accept) => {
        let go = (): void => undefined;
        for (const one of upstreams)
          one.answer = (_request, response) => {
            response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
            response.write('data: 1\n\n');
            go = () => response.end('data: 2\n\n');
          };
        const headers = { accept };
        const asked = get({ host: '127.0.0.1', port: proxy.port, path: '/v1/items/1/events', headers });
        const [response] = (await once(asked, 'response')) as [IncomingMessage];
        const ended = once(response, 'end');
        expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
        go();
        expect(String((await once(response, 'data'))[0])).toBe('data: 2\n\n');
        await ended;
      },
    );

    it('connections to the instances stay open', async () => {
      const sockets = new Set<unknown>();
      for (const one of upstreams)
        one.answer = (request, response) => {
          sockets.add(request.socket);
          response.end();
        };
      for (let n = 0; n < 30; n++) await ask(proxy.port, { path: '/' });
      // Each of nginx's workers has its own.
      expect(sockets.size).toBeLessThanOrEqual(12);
    });
  });
