// Bodies that nothing reads: refused in front of everything, unless there is nothing in them.
import type { OpenApiDocument } from '@app/http';
import { operationsOf, requestsWith } from '../support/sample-requests';
import { Raw } from '../support/raw';
import { attack } from '../support/target';

const scene = attack();
let without: [method: string, path: string][];

beforeAll(async () => {
  const document = (await scene.target.api.get('/openapi.json')).body as OpenApiDocument;
  without = operationsOf(document)
    .filter(([path, method]) => document.paths[path]?.[method]?.['requestBody'] === undefined)
    .map(([path, method]) => {
      const [sample] = requestsWith(document, path, method, 'x');
      return [method.toUpperCase(), sample?.url ?? path];
    });
});

async function answerTo(start: string, headers: string, body: string): Promise<[status: number, code: string]> {
  const raw = await Raw.open(scene.target.port);
  const next = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';
  await raw.send(`${start} HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}${next}`);
  const [first, second] = await raw.until(2);
  raw.close();
  expect(second).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  const { code = '' } = (first?.body.startsWith('{') ? JSON.parse(first.body) : {}) as { code?: string };
  return [first?.status ?? 0, code];
}

it.each<[name: string, headers: string, body: string]>([
  ['of JSON', 'Content-Type: application/json\r\nContent-Length: 2\r\n', '[]'],
  ['of an object with a member', 'Content-Type: application/json\r\nContent-Length: 7\r\n', '{"a":1}'],
  ['of bytes', 'Content-Type: application/json\r\nContent-Length: 2\r\n', '\xff\xff'],
  ['of no type', 'Content-Length: 2\r\n', '{}'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n'],
  ['that is a request', 'Content-Length: 34\r\n', 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'],
])('a body %s is refused by every operation that declares none', async (_, headers, body) => {
  expect(without.length).toBeGreaterThan(15);
  const hidden = await scene.target.requests('unmatched');
  for (const [method, path] of without) {
    const answer = await answerTo(`${method} ${path}`, headers, body);
    expect({ method, path, answer }).toEqual({ method, path, answer: [400, 'unexpected_body'] });
  }
  expect(await scene.target.requests('unmatched')).toBe(hidden);
});

it('a body is refused before it comes: nobody waits for what nothing reads', async () => {
  for (const [method, path] of without) {
    const raw = await Raw.open(scene.target.port);
    await raw.send(
      `${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n`,
    );
    const [answer] = await raw.until(1);
    raw.close();
    expect([method, path, answer?.status]).toEqual([method, path, 400]);
  }
});

it.each<[name: string, headers: string]>([
  ['no length', ''],
  ['a length of nothing', 'Content-Length: 0\r\n'],
  ['a type and a length of nothing', 'Content-Type: application/json\r\nContent-Length: 0\r\n'],
])('%s is no body', async (_, headers) => {
  for (const [method, path] of without) {
    const [, code] = await answerTo(`${method} ${path}`, headers, '');
    expect([method, path, code]).not.toContain('unexpected_body');
  }
});

it('an object without a member is none of a POST, and one of all else', async () => {
  const type = 'Content-Type: application/json; charset=utf-8\r\n';
  for (const [method, path] of without) {
    const [, code] = await answerTo(`${method} ${path}`, `${type}Content-Length: 2\r\n`, '{}');
    expect([method, path, code === 'unexpected_body']).toEqual([method, path, method !== 'POST']);
    const start = `${method} ${path}`;
    for (const headers of [`${type}Content-Encoding: gzip\r\nContent-Length: 2\r\n`, 'Content-Length: 2\r\n'])
      expect(await answerTo(start, headers, '{}')).toEqual([400, 'unexpected_body']);
  }
});

it.each(['/openapi.json', '/docs', '/'])('neither does %s read one', async (path) => {
  expect(await answerTo(`GET ${path}`, 'Content-Length: 2\r\n', '{}')).toEqual([400, 'unexpected_body']);
});
