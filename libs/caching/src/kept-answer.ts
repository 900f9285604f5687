// A finished answer as it lies in memory: the headers and bytes of each form, ready to be written.
import { etagOfForm, SAFE_HEADERS } from '@app/http';
import { compressed, type Encoding, MIN_COMPRESSED } from './encodings';
import type { Kept } from './memory';

/** Names and values in turn, as `ServerResponse.writeHead` takes them; the first value is the request's id. */
export type RawHeaders = string[];

export interface Form {
  readonly etag: string;
  readonly whole: RawHeaders;
  /** Of a 304. */
  readonly unchanged: RawHeaders;
  /** Its bytes as Latin-1 text, which leaves in one write with the headers; a Buffer leaves in a write of its own. */
  readonly body: string;
}

export interface AnswerSource {
  readonly key: string;
  readonly route: string;
  readonly tags: readonly string[];
  /** Milliseconds on the clock of `performance.now()`. */
  readonly expiresAt: number;
  readonly body: string;
  /** Those that every such answer has: type, entity tag, caching, links. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Estimate, in bytes, of what stands around a body. */
const OVERHEAD = 3_000;
const BYTES_PER_TAG = 150;

export class KeptAnswer implements Kept {
  uses = 0;
  readonly key: string;
  readonly route: string;
  readonly tags: readonly string[];
  readonly expiresAt: number;
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly plain: Form;
  /** URLs by which it has been asked for. */
  readonly urls: string[] = [];
  private readonly forms: Partial<Record<Encoding, Form | Promise<void>>> = {};

  constructor({ key, route, tags, expiresAt, body, headers }: AnswerSource) {
    this.key = key;
    this.route = route;
    this.tags = tags;
    this.expiresAt = expiresAt;
    this.headers = headers;
    this.plain = formOf(headers, headers['etag'] as string, Buffer.from(body));
    const { length } = this.plain.body;
    // The compressed forms take half as much, together.
    this.bytes = OVERHEAD + tags.length * BYTES_PER_TAG + length * (length < MIN_COMPRESSED ? 1 : 1.5);
  }

  /** The form that a client likes best; until a compressed one is made, the plain one. */
  form(encoding: Encoding | undefined): Form {
    if (encoding === undefined || this.plain.body.length < MIN_COMPRESSED) return this.plain;
    const form = (this.forms[encoding] ??= this.make(encoding));
    return form instanceof Promise ? this.plain : form;
  }

  /** The body as it was made. */
  get text(): string {
    return Buffer.from(this.plain.body, 'latin1').toString();
  }

  private async make(encoding: Encoding): Promise<void> {
    try {
      const body = await compressed(Buffer.from(this.plain.body, 'latin1'), encoding);
      const headers = { ...this.headers, 'content-encoding': encoding };
      this.forms[encoding] = formOf(headers, etagOfForm(this.plain.etag, encoding), body);
    } catch {
      this.forms[encoding] = this.plain;
    }
  }
}

/** RFC 9110, section 15.4.5: what a 304 repeats. */
const REPEATED = new Set(['etag', 'cache-control', 'vary', 'link']);

function formOf(headers: KeptAnswer['headers'], etag: string, body: Buffer): Form {
  const entity = Object.entries({ ...headers, etag });
  const raw = (chosen: [string, string][]): RawHeaders => [
    ...['x-request-id', ''],
    ...Object.entries(SAFE_HEADERS).flat(),
    ...chosen.flat(),
    ...['server-timing', 'cache;dur=0', 'cache-status', 'floodgate; hit'],
  ];
  return {
    etag,
    body: body.toString('latin1'),
    whole: raw([...entity, ['content-length', String(body.length)]]),
    unchanged: raw(entity.filter(([name]) => REPEATED.has(name))),
  };
}
