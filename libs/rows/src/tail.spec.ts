import { Tail } from './tail';

const LONG = 'x'.repeat(700);
const texts = [
  ['blank lines', '\n'.repeat(1_000)],
  ['long lines', `${LONG}\n`.repeat(50)],
  ['long lines, then blank ones', `${`${LONG}\n`.repeat(20)}${'\n'.repeat(500)}${LONG}`],
  ['blank lines, then long ones', `${'\n'.repeat(500)}${`${LONG}\n`.repeat(20)}`],
  ['none', LONG],
] as const;

async function watched(text: string, maxLines: number, part: number): Promise<number> {
  const bytes = Buffer.from(text);
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += part) yield bytes.subarray(at, at + part);
  }
  const tail = new Tail(maxLines);
  const passed: Uint8Array[] = [];
  for await (const one of tail.watch(parts())) passed.push(one);
  return Buffer.concat(passed).length;
}

it.each(texts)('counts %s, however they are cut', async (_, text) => {
  const lines = text.split('\n').length - 1;
  for (const part of [1, 64, 701, text.length]) {
    expect(await watched(text, lines, part)).toBe(text.length);
    if (lines > 0) await expect(watched(text, lines - 1, part)).rejects.toMatchObject({ code: 'too_many_rows' });
  }
});
