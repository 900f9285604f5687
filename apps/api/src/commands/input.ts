import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { gunzip } from '@app/http';
import type { ItemsFormat } from '../items/items.import';

/** A file to be imported, or standard input. */
export interface Input {
  readonly format: ItemsFormat;
  /** Unpacked. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As it lies on the disk; unknown of a pipe. */
  readonly totalBytes?: number;
  /** Of these, so far. */
  readBytes: number;
  /** Ends `bytes` with an error. */
  stop(): void;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const SNIFFED_BYTES = 512;

/** Its extension says what a file is, else its first bytes do; a sentence for the user is thrown if it can't be read. */
export async function openInput(path: string): Promise<Input> {
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path);
  try {
    const [packedHead, packed] = await peek(stream);
    const isPacked = packedHead.subarray(0, GZIP.length).equals(GZIP);
    const [head, bytes] = isPacked ? await peek(gunzip(counted(packed))) : [packedHead, counted(packed)];
    const input: Input = {
      format: formatOf(path, head),
      bytes,
      totalBytes: path === '-' ? undefined : statSync(path).size,
      readBytes: 0,
      stop: () => stream.destroy(new Error('Interrupted.')),
    };
    return input;
    async function* counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        input.readBytes += chunk.length;
        yield chunk;
      }
    }
  } catch (error) {
    throw explain(path, error);
  }
}
