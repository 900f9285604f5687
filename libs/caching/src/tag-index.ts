// Finds what was built from something that has changed.
// A tag is `table:id` for the state of one row, or `table` for any change of the table.

interface Dependents<T> {
  readonly onTable: Set<T>;
  /** By the whole tag. */
  readonly onRows: Map<string, Set<T>>;
}

export class TagIndex<T> {
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
      const same = name === tag ? table.onTable : table.onRows.get(tag);
      if (same) same.add(dependent);
      else table.onRows.set(tag, new Set<T>().add(dependent));
    }
  }

  /** @param tags as they were when it was added */
  remove(dependent: T, tags: readonly string[]): void {
    for (const tag of tags) {
      const name = tableOf(tag);
      const table = this.tables.get(name);
      const same = name === tag ? table?.onTable : table?.onRows.get(tag);
      if (!table || !same?.delete(dependent) || same.size > 0) continue;
      table.onRows.delete(tag);
      if (table.onTable.size === 0 && table.onRows.size === 0) this.tables.delete(name);
    }
  }

  /**
   * What to drop after a change; it may be removed while it is gone through.
   * @param tag `table:id` when one row has changed; `table:*` when any may have, and so for a `table` alone
   */
  touchedBy(tag: string): readonly ReadonlySet<T>[] {
    const name = tableOf(tag);
    const table = this.tables.get(name);
    if (!table) return [];
    if (tag === name || tag === `${name}:*`) return [table.onTable, ...table.onRows.values()];
    const same = table.onRows.get(tag);
    return same ? [table.onTable, same] : [table.onTable];
  }
}

/** An id may contain colons, the name of a table can't. */
function tableOf(tag: string): string {
  const end = tag.indexOf(':');
  return end === -1 ? tag : tag.slice(0, end);
}
