// Remembers which keys left lately in four bytes each, and forgets by writing over: a key itself would cost a hundred.

export class Ghosts {
  private readonly prints: Uint32Array;

  /** @param slots how many keys are remembered at most; about as many as can be kept serves best */
  constructor(slots: number) {
    this.prints = new Uint32Array(slots);
  }

  add(key: string): void {
    const print = printOf(key);
    this.prints[print % this.prints.length] = print;
  }

  /** Another key may be taken for one of them: with 65,536 slots, one in as many. */
  has(key: string): boolean {
    const print = printOf(key);
    return this.prints[print % this.prints.length] === print;
  }
}

/** FNV-1a, 32 bits. */
function printOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
