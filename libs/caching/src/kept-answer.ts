// A finished answer as it lies in memory: headers and bytes of each form as the text that goes to the socket.
import { etagOfForm } from '@app/http';
import { compressed, type Encoding, MIN_COMPRESSED } from './encodings';
import { headersOfText, textOfHeaders } from './head';
import type { Kept } from './memory';

export interface AnswerSource {
  readonly key: string;
  /** The route's template. */
  readonly route: string;
  readonly tags: readonly string[];
  /** Milliseconds on the clock of `performance.now()`. */
  readonly expiresAt: number;
  readonly body: string;
  /** Those that are the answer's and not the request's: type, entity tag, caching, links. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Estimates, in bytes, of what stands around a body. */
const OVERHEAD = 1_200;
const BYTES_PER_TAG = 150;

/** RFC 9110, section 15.4.5: what a 304 repeats. */
const REPEATED = /^(?:cache-control|vary|link|etag): .*\r\n/gm;

export class Form {
  readonly etag: string;
  /** Its own headers, as text, for a 200. */
  readonly whole: string;
  private repeated?: string;

  constructor(
    headers: AnswerSource['headers'],
    /** Its bytes as Latin-1 text, which leaves in one write with the headers; a Buffer leaves in a write of its own. */
    readonly body: string,
  ) {
    this.etag = headers['etag'] as string;
    this.whole = `${textOfHeaders(headers)}content-length: ${body.length}\r\n`;
  }

  /** The headers for a 304; made when somebody wants one, since most answers never see it. */
  get unchanged(): string {
    return (this.repeated ??= this.whole.match(REPEATED)?.join('') ?? '');
  }
}

/** Headers of a 304, as text. @param match what the caller holds: the tag of any form of the same state */
export const unchangedBy = ({ unchanged, etag }: Form, match: string): string =>
  match === etag ? unchanged : unchanged.replace(etag, match);

export class KeptAnswer implements Kept {
  uses = 0;
  readonly key: string;
  readonly route: string;
  readonly tags: readonly string[];
  readonly expiresAt: number;
  readonly bytes: number;
  readonly plain: Form;
  /** URLs by which it has been asked for. */
  readonly urls: string[] = [];
  private readonly forms: Partial<Record<Encoding, Form | Promise<void>>> = {};

  constructor({ key, route, tags, expiresAt, body, headers }: AnswerSource) {
    this.key = key;
    this.route = route;
    this.tags = tags;
    this.expiresAt = expiresAt;
    this.plain = formOf({ headers, body });
    const { length } = this.plain.body;
    // The compressed forms take half as much, together.
    // The question is kept here and in the URL that asked it.
    this.bytes = OVERHEAD + key.length * 2 + tags.length * BYTES_PER_TAG + length * (length < MIN_COMPRESSED ? 1 : 1.5);
  }

  /** The form that a client likes best; until a compressed one is made, the plain one. */
  form(encoding: Encoding | undefined): Form {
    if (encoding === undefined || this.plain.body.length < MIN_COMPRESSED) return this.plain;
    const form = (this.forms[encoding] ??= this.make(encoding));
    return form instanceof Promise ? this.plain : form;
  }

  /** Those of the plain form. */
  get headers(): Record<string, string> {
    return headersOfText(this.plain.whole);
  }

  /** The body as it was made. */
  get text(): string {
    return Buffer.from(this.plain.body, 'latin1').toString();
  }

  private async make(encoding: Encoding): Promise<void> {
    try {
      const body = (await compressed(Buffer.from(this.plain.body, 'latin1'), encoding)).toString('latin1');
      const { 'content-length': _, ...headers } = this.headers;
      const own = { ...headers, 'content-encoding': encoding };
      this.forms[encoding] = new Form({ ...own, etag: etagOfForm(this.plain.etag, encoding) }, body);
    } catch {
      this.forms[encoding] = this.plain;
    }
  }
}

/** Of a whole answer: its headers, `etag` among them, and its body as it was made. */
export const formOf = ({ headers, body }: Pick<AnswerSource, 'headers' | 'body'>): Form =>
  new Form(headers, NOTHING_BUT_ASCII.test(body) ? body : Buffer.from(body).toString('latin1'));

const NOTHING_BUT_ASCII = /^[\0-\x7f]*$/;
