// Parts of terms that name a thing exactly, and are not the empty word that they contain.
const TERMS = /data[-_ ]?source|meta[-_ ]?data/gi;

/** `toItemView`, `to-item-view` and `TO_ITEM_VIEW` are three words each. */
export function wordsOf(name: string): string[] {
  return name
    .replace(TERMS, 'term')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
