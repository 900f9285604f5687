// Finds what was built from something that has changed.
// A tag is `table:id` for the state of one row, or `table` for any change of the table.

interface Dependents<T> {
  readonly onTable: Set<T>;
  /** By the whole tag. Most rows have one dependent, for which a set would take more room than all the rest. */
  readonly onRows: Map<string, T | Set<T>>;
}

export class TagIndex<T extends object> {
  private readonly tables = new Map<string, Dependents<T>>();

  /** Tables and rows that something depends on. */
  get size(): number {
    let size = this.tables.size;
    for (const { onRows } of this.tables.values()) size += onRows.size;
    return size;
  }

  add(dependent: T, tags: readonly string[]): void {
    for (const tag of tags) {
      const name = tableOf(tag);
      let table = this.tables.get(name);
      if (!table) this.tables.set(name, (table = { onTable: new Set(), onRows: new Map() }));
      if (name === tag) table.onTable.add(dependent);
      else addTo(table.onRows, tag, dependent);
    }
  }

  /** @param tags as they were when it was added */
  remove(dependent: T, tags: readonly string[]): void {
    for (const tag of tags) {
      const name = tableOf(tag);
      const table = this.tables.get(name);
      if (!table) continue;
      if (name === tag) table.onTable.delete(dependent);
      else removeFrom(table.onRows, tag, dependent);
      if (table.onTable.size === 0 && table.onRows.size === 0) this.tables.delete(name);
    }
  }

  /**
   * What to drop after a change; it may be removed while it is gone through.
   * @param tag `table:id` when one row has changed; `table:*` when any may have, and so for a `table` alone
   */
  *touchedBy(tag: string): Generator<T, void> {
    const name = tableOf(tag);
    const table = this.tables.get(name);
    if (!table) return;
    yield* table.onTable;
    if (tag === name || tag === `${name}:*`) {
      for (const same of table.onRows.values()) yield* eachOf(same);
      return;
    }
    // Looked up only now: what depends on the table as well is gone.
    const same = table.onRows.get(tag);
    if (same) yield* eachOf(same);
  }
}

const eachOf = <T extends object>(same: T | Set<T>): Iterable<T> => (same instanceof Set ? same : [same]);

function addTo<T extends object>(onRows: Map<string, T | Set<T>>, tag: string, dependent: T): void {
  const same = onRows.get(tag);
  if (same === undefined) onRows.set(tag, dependent);
  else if (same instanceof Set) same.add(dependent);
  else onRows.set(tag, new Set([same, dependent]));
}

function removeFrom<T extends object>(onRows: Map<string, T | Set<T>>, tag: string, dependent: T): void {
  const same = onRows.get(tag);
  if (same instanceof Set) same.delete(dependent);
  if (same === dependent || (same instanceof Set && same.size === 0)) onRows.delete(tag);
}

/** An id may contain colons, the name of a table can't. */
function tableOf(tag: string): string {
  const end = tag.indexOf(':');
  return end === -1 ? tag : tag.slice(0, end);
}
