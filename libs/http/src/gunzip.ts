// Unpacks gzip as it streams; what is corrupt or cut short is the sender's fault.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { malformedBody } from './problems';

const CHUNK_BYTES = 64 * 1024;

/**
 * Holds a chunk of 64 KiB however much comes out.
 * @throws malformedBody when the source is not gzip or ends too early
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(source, { objectMode: false });
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  packed.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    yield* unpacked as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') malformedBody('The gzip is cut short.', { cause: error });
    if (code?.startsWith('Z_')) malformedBody('The gzip is corrupt.', { cause: error });
    throw error;
  } finally {
    packed.destroy();
  }
}
