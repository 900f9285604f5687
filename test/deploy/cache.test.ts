// The micro-cache of nginx, switched on: it keeps what an answer allows, for as long, and for nobody in particular.
import { ask, type Asked } from '../support/load';
import { describeWith } from '../support/programs';
import { type Proxy, startNginx } from '../support/proxies';
import { Upstream } from '../support/upstream';

describeWith('nginx', 'the micro-cache', (path) => {
  let upstream: Upstream;
  let proxy: Proxy;
  let count = 0;

  beforeAll(async () => {
    upstream = await Upstream.start();
    proxy = await startNginx(path, [upstream.port], { cache: true });
  });
  beforeEach(() => {
    upstream.arrivals.length = 0;
  });
  afterAll(async () => {
    await proxy?.stop();
    await upstream.stop();
  });

  /** Each answer is another one, so that a kept one shows. */
  function answerWith(headers: Record<string, string>): void {
    upstream.answer = (request, response) => {
      const isKnown = headers['etag'] !== undefined && request.headers['if-none-match'] === headers['etag'];
      response.writeHead(isKnown ? 304 : 200, { 'content-type': 'text/plain', ...headers });
      response.end(isKnown ? undefined : String(++count));
    };
  }

  async function arrivalsOf(...asked: Asked[]): Promise<number> {
    for (const one of asked) await ask(proxy.port, one);
    return upstream.arrivals.length;
  }

  const at = (name: string, headers: Record<string, string> = {}): Asked => ({ path: `/${name}`, headers });

  it('keeps what may be kept, with its entity tag', async () => {
    answerWith({ 'cache-control': 'public, max-age=60', etag: '"1"' });
    expect(await arrivalsOf(at('kept'), at('kept'), at('kept'))).toBe(1);
    expect(await ask(proxy.port, at('kept'))).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(upstream.arrivals).toHaveLength(1);
  });

  it.each([
    ['no-cache, which is what nearly all answers say', { 'cache-control': 'public, no-cache', etag: '"1"' }],
    ['no-store', { 'cache-control': 'no-store' }],
    ['private', { 'cache-control': 'private, max-age=60' }],
    ['nothing about it', {}],
    ['a cookie', { 'cache-control': 'public, max-age=60', 'set-cookie': 'a=b' }],
  ])('asks again after %s', async (name, headers) => {
    answerWith(headers);
    expect(await arrivalsOf(at(encodeURI(name)), at(encodeURI(name)))).toBe(2);
  });

  it('lets a caller’s entity tag through, so that an answer that was not kept is not sent in vain', async () => {
    answerWith({ 'cache-control': 'public, no-cache', etag: '"7"' });
    for (const status of [304, 304])
      expect(await ask(proxy.port, at('conditional', { 'if-none-match': '"7"' }))).toMatchObject({ status, body: '' });
    expect(await ask(proxy.port, at('conditional', { 'if-none-match': '"6"' }))).toMatchObject({ status: 200 });
    expect(upstream.arrivals).toHaveLength(3);
  });

  it('asks with the entity tag once the time is over', async () => {
    answerWith({ 'cache-control': 'public, max-age=1', etag: '"9"' });
    const { body } = await ask(proxy.port, at('revalidated'));
    while (upstream.arrivals.length < 2)
      expect(await ask(proxy.port, at('revalidated'))).toMatchObject({ status: 200, body });
    expect(upstream.arrivals[1]?.headers['if-none-match']).toBe('"9"');
  });

  it('tells apart what Vary tells apart', async () => {
    answerWith({ 'cache-control': 'public, max-age=60', vary: 'Origin' });
    const [a, b] = [at('vary', { origin: 'https://a.example' }), at('vary', { origin: 'https://b.example' })];
    expect(await arrivalsOf(a, b, a, b)).toBe(2);
    expect((await ask(proxy.port, a)).body).not.toBe((await ask(proxy.port, b)).body);
  });

  it.each([
    ['who is logged in', { authorization: 'Bearer x' }],
    ['a cookie', { cookie: 'a=b' }],
    ['a consistency token', { 'consistency-token': '7' }],
  ])('neither keeps nor gives the answer to %s', async (name, headers) => {
    answerWith({ 'cache-control': 'public, max-age=60' });
    const path = encodeURI(name);
    expect(await arrivalsOf(at(path, headers), at(path), at(path, headers), at(path))).toBe(3);
  });

  it('gives nothing that was kept to who wants it fresh', async () => {
    answerWith({ 'cache-control': 'public, max-age=60' });
    expect(await arrivalsOf(at('fresh'), at('fresh', { 'cache-control': 'no-cache' }))).toBe(2);
  });

  it('is off unless it is switched on', async () => {
    const other = await startNginx(path, [upstream.port]);
    answerWith({ 'cache-control': 'public, max-age=60' });
    await ask(other.port, at('off'));
    await ask(other.port, at('off'));
    await other.stop();
    expect(upstream.arrivals).toHaveLength(2);
  });
});
