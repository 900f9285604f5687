// Reads a body as it comes, within its bounds on the wire and decoded; holds a chunk of it, however much comes out.
import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { CallFailed } from './call-failed';
import { failureOf } from './failures';
import type { Patience } from './patience';
import type { OutboundSettings } from './settings';

type Bytes = AsyncGenerator<Uint8Array>;
type Bounds = Pick<OutboundSettings, 'maxBytes' | 'maxDecodedBytes' | 'maxRatio'>;

export interface WireBody {
  readonly stream: Readable;
  readonly host: string;
  /** Of Content-Encoding, lower case. */
  readonly encoding: string;
}

/** Counts on over redirects and attempts. */
export interface Meter {
  bytes: number;
  decodedBytes: number;
}

export const ENCODINGS = 'gzip, br, deflate';
const CHUNK = { chunkSize: 64 * 1024 } as const;
/** A short body may be packed as well as it likes. */
const RATIO_FROM = 1024 * 1024;
/** RFC 1950, section 2.2: the method of a zlib header. Some servers send deflate without one. */
const ZLIB_METHOD = 8;

const DECODERS: Partial<Record<string, (head: Uint8Array) => Transform>> = {
  gzip: () => createGunzip(CHUNK),
  'x-gzip': () => createGunzip(CHUNK),
  br: () => createBrotliDecompress(CHUNK),
  deflate: ([first = 0]) => ((first & 15) === ZLIB_METHOD ? createInflate(CHUNK) : createInflateRaw(CHUNK)),
};

/** The decoded bytes of one answer. Leaving early closes its connection. */
export async function* readBody(body: WireBody, patience: Patience, meter: Meter, bounds: Bounds): Bytes {
  const { encoding, host } = body;
  const wire = received(body, patience, meter, bounds);
  const before = { ...meter };
  const decoder = DECODERS[encoding];
  if (encoding !== 'identity' && !decoder) {
    body.stream.destroy();
    throw new CallFailed('unknown_encoding', `${host} packs its answer in a way that was not asked for.`);
  }
  for await (const chunk of decoder ? decoded(wire, decoder, host) : wire) {
    meter.decodedBytes += chunk.length;
    const bytes = meter.decodedBytes - before.decodedBytes;
    const ratio = bytes / (meter.bytes - before.bytes);
    if (bytes > bounds.maxDecodedBytes)
      throw new CallFailed(
        'decoded_too_large',
        `The answer of ${host} unpacks to more than ${bounds.maxDecodedBytes} bytes.`,
      );
    if (bytes > RATIO_FROM && ratio > bounds.maxRatio)
      throw new CallFailed(
        'decoded_too_large',
        `The answer of ${host} unpacks to more than ${bounds.maxRatio} times its size.`,
      );
    yield chunk;
  }
}

async function* received({ stream, host }: WireBody, patience: Patience, meter: Meter, { maxBytes }: Bounds): Bytes {
  const parts = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      const part = await patience.within(parts.next());
      if (part.done) return;
      bytes += part.value.length;
      meter.bytes += part.value.length;
      if (bytes > maxBytes) throw new CallFailed('too_large', `The answer of ${host} has more than ${maxBytes} bytes.`);
      yield part.value;
    }
  } catch (error) {
    throw failureOf(error, host, 'body');
  } finally {
    stream.destroy();
  }
}

async function* decoded(wire: Bytes, decoder: (head: Uint8Array) => Transform, host: string): Bytes {
  const head = await wire.next();
  if (head.done) return;
  async function* all(): Bytes {
    yield head.value as Uint8Array;
    yield* wire;
  }
  const packed = Readable.from(all(), { objectMode: false });
  const unpacked = decoder(head.value);
  packed.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    yield* unpacked as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR')
      throw new CallFailed('truncated', `The packed answer of ${host} is cut short.`, {
        isTransient: true,
        cause: error,
      });
    if (/^(Z_|ERR_|BROTLI)/.test(code))
      throw new CallFailed('corrupt_encoding', `The packed answer of ${host} is corrupt.`, { cause: error });
    throw error;
  } finally {
    packed.destroy();
  }
}
