import { setTimeout as delay } from 'node:timers/promises';
import { type Database, sql } from '@app/database';
import type { Metrics } from '@app/telemetry';

const PROBE_MS = 1_000;

/** What operators see of the database, in whatever process asks it. */
export function watchDatabase(metrics: Metrics, database: Database): void {
  metrics.watchPool(() => database.poolState());
  metrics.watchLanes(() => database.lanes.counts);
  const help = '1 if the database answers within a second, else 0; it is asked at each scrape.';
  metrics.watch('gauge', 'database_up', help, async () => [{ value: (await answers(database)) ? 1 : 0 }], 'min');
}

async function answers(database: Database): Promise<boolean> {
  const asked = new AbortController();
  const late = delay(PROBE_MS, false, { signal: asked.signal, ref: false }).catch(() => false);
  const answered = database.rows(sql`SELECT 1`).then(
    () => true,
    () => false,
  );
  const isUp = await Promise.race([answered, late]);
  asked.abort();
  return isUp;
}
