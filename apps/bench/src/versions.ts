// What a server has acknowledged, and whether what it shows is older than that.
import type { Staleness } from './scenario';

/** The promise of Floodgate, in milliseconds. */
const PROMISED_MS = 100;

interface Acknowledged {
  readonly version: number;
  readonly at: number;
}

export class Versions {
  private readonly known = new Map<string, Acknowledged[]>();
  private readonly ages: number[] = [];
  private reads = 0;

  acknowledged(id: string, version: number, at: number): void {
    const all = this.known.get(id);
    if (all) all.push({ version, at });
    else this.known.set(id, [{ version, at }]);
  }

  /** A read is as stale as the time from the first newer version that was acknowledged to the moment when it was sent. */
  shown(id: string, version: number, sentAt: number): void {
    this.reads++;
    const since = this.known
      .get(id)
      ?.reduce((first, one) => (one.version > version && one.at < first ? one.at : first), Infinity);
    if (since !== undefined && since < sentAt) this.ages.push(sentAt - since);
  }

  summary(): Omit<Staleness, 'name'> {
    const ages = this.ages.sort((a, b) => a - b);
    const at = (share: number): number => ages[Math.floor(share * (ages.length - 1))] ?? 0;
    return {
      reads: this.reads,
      staleReads: ages.length,
      brokenReads: ages.filter((age) => age > PROMISED_MS).length,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: ages.at(-1) ?? 0,
    };
  }
}
