// The primary is killed under load, its standby is promoted behind the same address: what was acknowledged is there.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { classify, FEED } from '../coherence/instance';
import { Postgres } from '../coherence/postgres';
import { JWT_SECRET } from '../coherence/servers';
import { TestApi } from '../support/api';
import { ask, Load, type Outcome } from '../support/load';
import { type FaultProxy, startProxy } from '../support/proxy';
import { Service } from '../support/service';
import { promote, startStandby } from '../support/standby';
import { until } from './stage';
import { type Books, Traffic } from './traffic';

export interface Failover {
  readonly outcomes: readonly Outcome[];
  readonly books: Books;
  /** Milliseconds from the kill to the end of the first write that succeeded after it, and until a kept read is fresh again. */
  readonly writesMs: number;
  readonly readsMs: number;
  /** What was in memory before, and has changed without leaving a trace, is shown as it is. */
  readonly isDropped: boolean;
}

const REQUESTS = 100;

export async function failOver(perSecond: number): Promise<Failover> {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-failover-'));
  // Open to the user that PostgreSQL runs as, or root's data would be kept elsewhere.
  chmodSync(folder, 0o755);
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const primary = await Postgres.start(join(folder, 'primary'));
    undo.push(() => primary.stop());
    const proxy = await startProxy(primary.port, { classify });
    undo.push(() => proxy.close());
    const url = new URL(primary.url);
    url.port = String(proxy.port);
    const api = await TestApi.on(url.href, { migrate: true });
    undo.push(() => api.close());
    const standby = await startStandby(primary, join(folder, 'standby'));
    undo.push(() => standby.stop());
    const service = await Service.start({ DATABASE_URL: url.href, JWT_SECRET, RATE_LIMIT_WRITES: 'off' });
    undo.push(() => service.stop('SIGKILL'));
    return await story({ primary, standby, proxy, api, port: Number(new URL(service.url).port), perSecond });
  } finally {
    for (const one of undo.reverse()) await one();
  }
}

interface Scene {
  readonly primary: Postgres;
  readonly standby: Postgres;
  readonly proxy: FaultProxy;
  readonly api: TestApi;
  readonly port: number;
  readonly perSecond: number;
}

async function story({ primary, standby, proxy, api, port, perSecond }: Scene): Promise<Failover> {
  const traffic = await Traffic.prepare(api, 'V');
  const kept = traffic.read(0);
  const isKept = async (): Promise<boolean> =>
    (await ask(port, { path: kept })).headers['cache-status'] === 'floodgate; hit';
  await until(isKept);
  // The kept one is asked for by nobody else: what is dropped is seen to be dropped.
  const load = new Load(port, { perSecond }, (n) =>
    n % 2 === 0 ? traffic.creation() : { path: traffic.paths[1 + (n % 40)] as string },
  );
  let writesMs = Infinity;
  let readsMs = Infinity;
  try {
    await load.more(REQUESTS);
    const killedAt = performance.now();
    const since = (): number => performance.now() - killedAt;
    primary.kill('SIGKILL');
    await switched(proxy, standby.port, async () => {
      await promote(standby);
      await renameUnnoticed(standby, kept);
    });
    const isBack = ({ result, method, startedAt }: Outcome): boolean =>
      result === 201 && method === 'POST' && startedAt > killedAt;
    await until(() => load.outcomes.some(isBack));
    writesMs = since();
    await until(isKept);
    readsMs = since();
    await load.more(REQUESTS);
  } finally {
    await load.stop();
  }
  const { body } = await ask(port, { path: kept });
  const isDropped = (JSON.parse(body) as { name: string }).name === RENAMED;
  return { outcomes: load.outcomes, books: await traffic.account(load.outcomes), writesMs, readsMs, isDropped };
}

/** What whoever watches over both does to the one address: nobody gets through until it leads to the new primary. */
async function switched(proxy: FaultProxy, target: number, meanwhile: () => Promise<void>): Promise<void> {
  const all = [proxy, proxy.of(FEED)];
  for (const one of all) one.refuse();
  proxy.cut();
  await meanwhile();
  proxy.lead(target);
  for (const one of all) one.heal();
}

const RENAMED = 'Renamed unnoticed';

/** As if the change had been lost to the log: who still knows the primary that was, shows the old name. */
async function renameUnnoticed({ url }: Postgres, path: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("SET session_replication_role = 'replica'");
  await client.query('UPDATE items SET name = $1 WHERE id = $2', [RENAMED, path.split('/').at(-1)]);
  await client.end();
}
