// How much a source of rows may take; a row itself is bounded as those of an import are.

export const ROW_LIMITS = {
  /** Lines, for a format that has lines; a packed one takes a thousandth of a byte on the wire. */
  maxRows: 1_000_000,
  /** Rows that are handed on together; hundreds of sources that come slowly hold as many each. */
  batchRows: 32,
  /** Bytes of the source after which a batch is handed on although it has fewer rows. */
  batchBytes: 128 * 1024,
} as const;
