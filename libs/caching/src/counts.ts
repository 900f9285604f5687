// How often a cache answered, and from where.

/** Where a cached value can come from. */
export type Tier = 'memory' | 'redis';

export class Counts {
  memory = 0;
  redis = 0;
  /** Waited for somebody else's load. */
  joined = 0;
  loaded = 0;

  /** Share of the questions that needed no statement of their own; 0 before the first. */
  get hitRatio(): number {
    const all = this.memory + this.redis + this.joined + this.loaded;
    return all === 0 ? 0 : (all - this.loaded) / all;
  }
}
