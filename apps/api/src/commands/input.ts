import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { gunzip } from '@app/http';
import type { ItemsFormat } from '../items/items.import';
import { Stopped } from './stopped';

/** A file to be imported, or standard input. */
export interface Input {
  readonly format: ItemsFormat;
  /** Unpacked. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As it lies on the disk; unknown of a pipe. */
  readonly totalBytes?: number;
  /** How many of these have been read. */
  readonly readBytes: () => number;
  /** Ends `bytes`. */
  readonly stop: (reason: Error) => void;
}

type Bytes = AsyncIterable<Uint8Array>;

const GZIP = Buffer.from([0x1f, 0x8b]);
const SNIFFED_BYTES = 512;

/**
 * The extension says what a file is, else its first bytes do.
 * @throws Stopped when it can't be read
 */
export async function openInput(path: string): Promise<Input> {
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path);
  let readBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as Bytes) {
      readBytes += chunk.length;
      yield chunk;
    }
  }
  try {
    const [packedHead, packed] = await peek(counted());
    const isPacked = packedHead.subarray(0, GZIP.length).equals(GZIP);
    const [head, bytes] = isPacked ? await peek(gunzip(packed)) : [packedHead, packed];
    return {
      format: formatOf(path, head),
      bytes,
      totalBytes: path === '-' ? undefined : statSync(path).size,
      readBytes: () => readBytes,
      stop: (reason) => void stream.destroy(reason),
    };
  } catch (error) {
    throw explained(path, error);
  }
}

/** The first bytes, and all of them. */
async function peek(source: Bytes): Promise<[Buffer, Bytes]> {
  const parts = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < SNIFFED_BYTES) {
    const part = await parts.next();
    if (part.done) break;
    head = Buffer.concat([head, part.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => parts };
  }
  return [head, all()];
}

function formatOf(path: string, head: Buffer): ItemsFormat {
  if (/\.csv(\.gz)?$/i.test(path)) return 'csv';
  if (/\.(ndjson|jsonl|json)(\.gz)?$/i.test(path)) return 'ndjson';
  return /^\ufeff?\s*[[{]/.test(head.toString()) ? 'ndjson' : 'csv';
}

function explained(path: string, error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new Stopped(`There is no file ${path}.`);
    case 'EISDIR':
      return new Stopped(`${path} is a folder: name a file.`);
    case 'EACCES':
      return new Stopped(`This user may not read ${path}.`);
    default:
      return error;
  }
}
