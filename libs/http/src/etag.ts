// Strong entity tags made from id and version, and the conditional requests that use them (RFC 9110, section 13).
import { createHash } from 'node:crypto';
import { invalidParameter, preconditionFailed } from './problems';

export interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** The entity tag of a single resource; the id is in it so that a SKU that is deleted and made anew never matches. */
export const etagOf = ({ id, version }: Versioned): string => `"${id}.${version}"`;

/** The tag of a compressed form of the same state: other bytes, hence another strong tag. */
export const etagOfForm = (etag: string, encoding: string): string => `${etag.slice(0, -1)}-${encoding}"`;

/** A caller may hold any form of the state that it wants to change or to revalidate. */
const withoutForm = (tag: string): string => tag.replace(/-(?:br|gzip)"$/, '"');

/** The entity tag of an answer that has no version of its own, such as a page: the digest of its bytes. */
export const etagOfBytes = (body: string): string => `"${createHash('sha1').update(body).digest('base64url')}"`;

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;

/** What `If-Match` may say: `*`, or entity tags with commas between. A comma may be within a tag, too, though no tag of ours has one. */
export const ENTITY_TAGS = new RegExp(String.raw`^(?:\*|${TAG}(?:[ \t]*,[ \t]*${TAG})*)$`);

/**
 * The tag by which `If-None-Match` names the state, weakly compared, in whatever form the caller has it; undefined if it names
 * none. `*` names the tag itself; a malformed header matches nothing.
 */
export function matchOf(header: string, etag: string): string | undefined {
  if (header === etag || header.trim() === '*') return etag;
  const state = withoutForm(etag);
  return tags(header)
    .map((tag) => tag.replace(/^W\//, ''))
    .find((tag) => withoutForm(tag) === state);
}

/** What the caller believes about the resource that it changes. */
export class Precondition {
  /** The version that nothing was found wrong with. */
  private verified?: number;

  /** @param noneMatch `If-None-Match`: the state must be none of these, or with `*` there must be no such resource yet */
  constructor(
    private readonly header?: string,
    private readonly noneMatch?: string,
  ) {
    if (header !== undefined && !ENTITY_TAGS.test(header.trim()))
      invalidParameter('If-Match must be a list of entity tags in double quotes.', {
        errors: [
          { code: 'wrong_format', detail: 'must be a list of entity tags in double quotes', parameter: 'If-Match' },
        ],
      });
  }

  /** Whether the caller takes for granted that there is such a resource. */
  get demandsExistence(): boolean {
    return this.header !== undefined;
  }

  /** The versions that the resource may have, strongly compared; undefined: any; `verify()` says why another one is refused. */
  versionsOf(id: string): number[] | undefined {
    // Which state there is has to be looked at first.
    if (this.noneMatch !== undefined) return this.verified === undefined ? [] : [this.verified];
    if (this.header === undefined || this.header.trim() === '*') return undefined;
    return tags(this.header)
      .map(withoutForm)
      .map((tag) => ({ tag, version: Number(tag.slice(tag.lastIndexOf('.') + 1, -1)) }))
      .filter(({ tag, version }) => Number.isSafeInteger(version) && etagOf({ id, version }) === tag)
      .map(({ version }) => version);
  }

  /**
   * Refuses with 412 unless the caller's `If-Match` names the resource's present state, strongly compared, and `If-None-Match` does not,
   * weakly compared; none is no match.
   */
  verify(current: Versioned | undefined): void {
    if (current && this.noneMatch !== undefined) this.verifyNone(this.noneMatch, current);
    this.verifyMatch(current);
    this.verified = current?.version;
  }

  private verifyNone(noneMatch: string, current: Versioned): void {
    const etag = etagOf(current);
    if (matchOf(noneMatch, etag) === undefined) return;
    const isAny = noneMatch.trim() === '*';
    const detail = isAny ? 'The resource exists already.' : 'The resource has a version that If-None-Match names.';
    preconditionFailed(detail, { headers: { etag } });
  }

  private verifyMatch(current: Versioned | undefined): void {
    if (this.header === undefined) return;
    if (!current) preconditionFailed('There is no such resource yet.');
    if (this.header.trim() === '*') return;
    const etag = etagOf(current);
    if (!tags(this.header).map(withoutForm).includes(etag))
      preconditionFailed('The resource has another version by now: read it again.', { headers: { etag } });
  }
}

const tags = (header: string): string[] => header.split(',').map((tag) => tag.trim());
