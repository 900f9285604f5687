// Of what pg exports, what its types leave out.
declare module 'pg/lib/utils' {
  /** As text or bytes, the way that a statement's values are sent. */
  export function prepareValue(value: unknown): string | Buffer | null;
}
