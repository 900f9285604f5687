// What ends a source of rows: it is not what it says, so that nothing after the fault can be trusted.

/** Stable: they are stored and shown. What each means stands in docs/feeds.md. */
export type BrokenRowsCode =
  'wrong_content_type' | 'empty' | 'bad_header' | 'not_an_array' | 'broken_array' | 'truncated' | 'too_many_rows';

export class BrokenRows extends Error {
  constructor(
    readonly code: BrokenRowsCode,
    /** A sentence for whoever made the source. */
    readonly detail: string,
    /** Number of the row at which it happened, where that is known. */
    readonly row?: number,
  ) {
    super(`${code}: ${detail}`);
  }
}
