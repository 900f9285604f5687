// What is to happen, in the order of its time: a binary heap.
interface Item {
  readonly at: number;
  readonly act: () => void;
}

export class Agenda {
  now = 0;
  private readonly items: Item[] = [];

  /** Never, if the time is infinite. */
  add(at: number, act: () => void): void {
    if (at === Infinity) return;
    const { items } = this;
    let hole = items.push({ at, act }) - 1;
    for (let above; hole > 0 && (items[(above = (hole - 1) >> 1)] as Item).at > at; hole = above)
      items[hole] = items[above] as Item;
    items[hole] = { at, act };
  }

  /** Lets the next thing happen. @returns false when there is none */
  step(): boolean {
    const { items } = this;
    const [first] = items;
    const last = items.pop();
    if (!first || !last) return false;
    if (items.length > 0) this.sink(last);
    this.now = first.at;
    first.act();
    return true;
  }

  private sink(item: Item): void {
    const { items } = this;
    let hole = 0;
    for (let below; (below = 2 * hole + 1) < items.length; hole = below) {
      if (below + 1 < items.length && (items[below + 1] as Item).at < (items[below] as Item).at) below++;
      if ((items[below] as Item).at >= item.at) break;
      items[hole] = items[below] as Item;
    }
    items[hole] = item;
  }
}
