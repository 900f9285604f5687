import { ndjsonRecords } from './ndjson-records';
import type { LineRecord } from './records';

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function recordsOf(bytes: Buffer, maxBytes?: number): Promise<LineRecord[]> {
  const found: LineRecord[] = [];
  for await (const record of ndjsonRecords(one(bytes), maxBytes)) found.push(record);
  return found;
}

it('reads an object a line, and counts blank lines without reporting them', async () => {
  const text = '\ufeff{"a":1}\r\n\r\n  \n\t{"a":{"b":[null]}} \n{"c":"ä€😀"}';
  expect(await recordsOf(Buffer.from(text))).toEqual([
    { line: 1, value: { a: 1 } },
    { line: 4, value: { a: { b: [null] } } },
    { line: 5, value: { c: 'ä€😀' } },
  ]);
});

it.each<[string, string | Buffer, string, string]>([
  ['no JSON', '{"a":', 'invalid_json', 'is not JSON'],
  ['two objects', '{"a":1} {"a":2}', 'invalid_json', 'is not JSON'],
  ['a list', '[{"a":1}]', 'not_an_object', 'must be an object'],
  ['null', 'null', 'not_an_object', 'must be an object'],
  ['text', '"a"', 'not_an_object', 'must be an object'],
  ['a prototype', '{"__proto__":{"isAdmin":true}}', 'forbidden_key', 'has a key __proto__'],
  ['a constructor', '{"constructor":{"prototype":{}}}', 'forbidden_key', 'constructor'],
  ['too much nesting', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`, 'too_deep', 'more than 32 deep'],
  ['half a letter', Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x7d]), 'invalid_utf8', 'must be UTF-8'],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'invalid_json', 'is not JSON'],
  ['too many bytes', `{"a":"${'x'.repeat(200)}"}`, 'line_too_long', 'at most 100 bytes'],
])('%s is a fault of its line only', async (_, bad, code, detail) => {
  const good = Buffer.from('{"a":1}\n');
  const records = await recordsOf(Buffer.concat([good, Buffer.from(bad), Buffer.from('\n'), good]), 100);
  expect(records).toEqual([
    { line: 1, value: { a: 1 } },
    { line: 2, faults: [{ code, detail: expect.stringContaining(detail) }] },
    { line: 3, value: { a: 1 } },
  ]);
});
