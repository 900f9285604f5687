// Which form of an answer a client likes best, and how the compressed forms are made.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';

export type Encoding = 'br' | 'gzip';

/** Bytes; below, headers outweigh what compression saves. */
export const MIN_COMPRESSED = 1_024;

/** Clients have few ways to say it; an attacker has many. */
const MAX_REMEMBERED = 200;

/** Of what a client likes equally, the first; @types/negotiator does not know it. */
interface Preferring {
  encodings(available: string[], options: { preferred: string[] }): string[];
}

const remembered = new Map<string, Encoding | undefined>();

/** Undefined: the answer as it is. */
export function preferredEncoding(acceptEncoding: string | undefined): Encoding | undefined {
  if (acceptEncoding === undefined) return undefined;
  if (remembered.has(acceptEncoding)) return remembered.get(acceptEncoding);
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } }) as Preferring;
  const [first] = negotiator.encodings(['br', 'gzip', 'identity'], { preferred: ['br', 'gzip'] });
  const encoding = first === 'br' || first === 'gzip' ? first : undefined;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(acceptEncoding, encoding);
  return encoding;
}

const asGzip = promisify(gzip);
const asBrotli = promisify(brotliCompress);

/** In the thread pool; made once and sent often, so a little more effort than on the fly. */
export const compressed = (body: Buffer, encoding: Encoding): Promise<Buffer> =>
  encoding === 'gzip'
    ? asGzip(body, { level: 6 })
    : asBrotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
