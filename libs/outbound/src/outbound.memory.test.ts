import { gzipSync } from 'node:zlib';
import { repeats, Supplier } from '../../../test/support/supplier';
import { Outbound, type Received } from '.';

const MIB = 1024 * 1024;
const PIECE = '{"sku":"A","name":"a lamp of walnut"}\n'.repeat(1_700);

let supplier: Supplier;
let outbound: Outbound;
beforeAll(async () => {
  supplier = await Supplier.start();
  outbound = new Outbound({ allow: ['127.0.0.1'], totalMs: 60_000, breakAfter: 1_000 });
});
afterAll(async () => {
  await outbound.close();
  await supplier.stop();
});

/** Of buffers, above what there was at the beginning; the server's and those that wait to be collected count, too. */
async function mostMib(work: (look: () => void) => Promise<unknown>): Promise<number> {
  const used = (): number => process.memoryUsage().arrayBuffers;
  const before = used();
  let most = 0;
  await work(() => (most = Math.max(most, used() - before)));
  return most / MIB;
}

const reading =
  (look: () => void, pauseMs = 0) =>
  async ({ bytes }: Received): Promise<number> => {
    let count = 0;
    for await (const part of bytes) {
      count += part.length;
      look();
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return count;
  };

it('holds little of an answer that does not end', async () => {
  const url = supplier.at('/', repeats(PIECE));
  let outcome: object = {};
  const most = await mostMib(async (look) => (outcome = await outbound.get({ url }, reading(look))));
  expect(outcome).toMatchObject({ failure: { code: 'too_large' } });
  expect(most).toBeLessThan(64);
});

it('holds little of a packed answer of 100 MiB', async () => {
  const packed = gzipSync(Buffer.alloc(100 * MIB, '{"sku":"A","name":"a lamp of walnut"}\n'));
  const url = supplier.at('/packed', (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
  );
  const patient = new Outbound({ allow: ['127.0.0.1'], maxRatio: 2_000 });
  let outcome: object = {};
  const most = await mostMib(async (look) => (outcome = await patient.get({ url }, reading(look))));
  expect(outcome).toMatchObject({ state: 'read', value: 100 * MIB });
  expect(most).toBeLessThan(64);
  await patient.close();
});

it('holds little when the reader is slower than the server', async () => {
  const url = supplier.at('/slow', repeats(PIECE, 2_000));
  const stop = new AbortController();
  const most = await mostMib(async (look) => {
    const call = outbound.get({ url, signal: stop.signal }, reading(look, 20));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    stop.abort();
    return call;
  });
  expect(most).toBeLessThan(32);
});
