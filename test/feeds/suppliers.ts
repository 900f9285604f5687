// Hundreds of suppliers on loopback, none of which is asked for more feeds than may be read from one at the same time.
import { createHash } from 'node:crypto';
import { after, type Asked, publishes, Supplier } from '../support/supplier';

/** As many as are read at a time from one host. */
const FEEDS_EACH = 8;

export class Suppliers {
  private constructor(
    private readonly all: readonly Supplier[],
    readonly urls: readonly string[],
  ) {}

  /** @param latencyMs from a request to the first byte of its answer */
  static async start(catalogues: readonly Buffer[], latencyMs: number): Promise<Suppliers> {
    const count = Math.ceil(catalogues.length / FEEDS_EACH);
    const all = await Promise.all(Array.from({ length: count }, () => Supplier.start()));
    const urls = catalogues.map((bytes, feed) => {
      const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
      return (all[feed % count] as Supplier).at(`/${feed}.ndjson`, after(latencyMs, publishes(bytes, { etag })));
    });
    return new Suppliers(all, urls);
  }

  get asked(): Asked[] {
    return this.all.flatMap(({ asked }) => asked);
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((one) => one.stop()));
  }
}
