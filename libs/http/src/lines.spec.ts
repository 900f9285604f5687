import { byteLines } from './lines';

const MAX = 8;

/** The text in pieces of a size, as a network would deliver it. */
async function* inPieces(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += bytes) yield all.subarray(at, at + bytes);
}

async function linesOf(text: string, bytes: number): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const line of byteLines(inPieces(text, bytes), MAX)) {
    found.push(line.bytes?.toString());
    expect(line.line).toBe(found.length);
  }
  return found;
}

describe.each([1, 2, 3, 5, 1_000])('lines that come in pieces of %d bytes', (bytes) => {
  it.each<[string, string, (string | undefined)[]]>([
    ['nothing', '', []],
    ['one line', 'one', ['one']],
    ['a last line feed', 'one\n', ['one']],
    ['blank lines', '\n\none\n\n', ['', '', 'one', '']],
    ['a carriage return', 'one\r\ntwo', ['one\r', 'two']],
    ['a byte order mark at the start', '\ufeffone\n\ufefftwo', ['one', '\ufefftwo']],
    ['as many bytes as allowed', '12345678\n12345678', ['12345678', '12345678']],
    ['one byte too many', '123456789\nnext', [undefined, 'next']],
    ['many bytes too many', `one\n${'x'.repeat(100)}\ntwo\n${'y'.repeat(100)}`, ['one', undefined, 'two', undefined]],
    ['letters of more than one byte', 'äöü\n€', ['äöü', '€']],
  ])('%s', async (_, text, expected) => {
    expect(await linesOf(text, bytes)).toEqual(expected);
  });
});

it('a line that is too long is not held', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'x');
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < 500; n++) yield piece;
  }
  const before = process.memoryUsage().rss;
  for await (const line of byteLines(endless(), MAX)) expect(line).toEqual({ line: 1 });
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
});

it('gives way to others while lines are at hand', async () => {
  async function* ready(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('line\n'.repeat(200_000));
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for await (const line of byteLines(ready(), MAX)) if (line.line % 20_000 === 0) wait(5);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});

function wait(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}
