interface Waiting {
  readonly rank: number;
  readonly go: () => void;
}

/** Lets so many go on at a time; of those that wait, the one with the lowest rank is next. */
export class IntakeSlots {
  private readonly waiting: Waiting[] = [];

  constructor(private free: number) {}

  /** @returns the call that makes room for the next; it must be made exactly once */
  async enter(rank: number): Promise<() => void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.waiting.push({ rank, go }));
    return () => {
      const [next] = this.waiting.splice(this.lowest(), 1);
      if (next) next.go();
      else this.free++;
    };
  }

  private lowest(): number {
    return this.waiting.reduce((best, { rank }, at, all) => (rank < (all[best] as Waiting).rank ? at : best), 0);
  }
}
