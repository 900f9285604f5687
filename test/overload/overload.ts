// Asks for several times as much as an instance can give, and tells what became of it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Asked, latenciesOf, OpenLoop, percentile, type Seen } from '../support/open-loop';
import { Service } from '../support/service';

const CALM_PER_SECOND = 40;
const CACHED_PER_SECOND = 40;
/** Of a closed loop. */
const CALLERS = 16;
const ITEMS = 5_000;

export interface Overload {
  /** Answers a second that a closed loop got, and those that were asked for. */
  readonly peak: number;
  readonly asked: number;
  /** Share of the peak that was still answered. */
  readonly goodput: number;
  /** Milliseconds. */
  readonly calmP99: number;
  readonly acceptedP99: number;
  readonly refusedP99: number;
  /** After the overload, until nothing was refused any more. */
  readonly recoveryMs: number;
  readonly refusals: number;
  /** All answers that were neither given nor refused as they should be. */
  readonly wrong: number;
  readonly cachedRefused: number;
  readonly cachedP99: number;
  /** Mebibytes. */
  readonly growth: number;
}

/** A search that nobody has asked for. */
function misses(): () => Asked {
  let n = 0;
  return () => ({ method: 'GET', path: `/v1/items?q=oak&limit=50&count=exact&priceMax=${100_000_000 + n++}` });
}

const residentMib = ({ child }: Service): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024;

const p99 = (seen: readonly Seen[]): number => percentile(latenciesOf(seen), 0.99);

/** Milliseconds after the start; 0 if there is none. More were seen than a call takes arguments. */
const lastOf = (seen: readonly Seen[]): number => seen.reduce((last, { atMs }) => Math.max(last, atMs), 0);

/** @param factor how many times the peak is asked for; @param seconds of each part */
export async function overload(factor: number, seconds: number): Promise<Overload> {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-overload-'));
  const service = await Service.start({ DATA_DIR: folder, SEED_ITEMS: String(ITEMS), LOG_LEVEL: 'info' });
  const [loop, reader] = [new OpenLoop(service.url), new OpenLoop(service.url)];
  try {
    const next = misses();
    const { data } = (await (await fetch(`${service.url}/v1/items?limit=1`)).json()) as { data: { id: string }[] };
    const cached = (): Asked => ({ method: 'GET', path: `/v1/items/${data[0]?.id}` });
    await loop.connect();
    await reader.run(cached, CACHED_PER_SECOND, 1);
    await loop.most(next, CALLERS, 2);
    const calm = await loop.run(next, CALM_PER_SECOND, seconds);
    const peak = await loop.most(next, CALLERS, seconds);
    const before = residentMib(service);
    const reading = reader.run(cached, CACHED_PER_SECOND, seconds);
    const { seen } = await loop.run(next, Math.round(peak * factor), seconds);
    const growth = residentMib(service) - before;
    const read = await reading;
    const after = await loop.run(next, CALM_PER_SECOND, 3);
    const accepted = seen.filter(({ status }) => status === 200);
    const refused = seen.filter(({ status }) => status === 503);
    return {
      peak,
      asked: peak * factor,
      goodput: accepted.length / (lastOf(seen) / 1_000) / peak,
      calmP99: p99(calm.seen),
      acceptedP99: p99(accepted),
      refusedP99: p99(refused),
      recoveryMs: lastOf(after.seen.filter(({ status }) => status !== 200)),
      refusals: refused.length,
      wrong: seen.length - accepted.length - refused.filter(({ retryAfter }) => retryAfter === '1').length,
      cachedRefused: read.seen.filter(({ status }) => status !== 200).length,
      cachedP99: p99(read.seen),
      growth,
    };
  } finally {
    loop.close();
    reader.close();
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
