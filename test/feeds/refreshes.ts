// Measures refreshes of hundreds of feeds: one after the other, as fast as rows can be written, all at once, and once more.
import type { Progress } from '../coherence/report';
import { NOT_FIRST, SeparateCaller } from '../support/separate-caller';
import { cut, linesOf } from './catalogue';
import { Readers, type ReadFigures } from './readers';
import { Suppliers } from './suppliers';
import { peakMib, World } from './world';

export const IN_FLIGHT = 256;
export const LATENCY_MS = 200;
/** Feeds that are read one after the other, which all of them would be too many for. */
const SAMPLE = 40;
/** Items that are there before, to be read meanwhile. */
const SEEDED = 20_000;
const SEED_PART = 10_000;
const REST_SECONDS = 8;

interface Pull {
  readonly ms: number;
  readonly statements: number;
}

export interface Figures {
  readonly feeds: number;
  readonly rows: number;
  /** Of a sample. */
  readonly sequentialMsPerFeed: number;
  /** All rows in one feed that answers at once. */
  readonly importMs: number;
  readonly first: Pull & { readonly rowsPerSecond: number; readonly wrong: number };
  readonly second: Pull & { readonly notModified: number; readonly asked: number; readonly rowsChanged: boolean };
  readonly restMib: number;
  readonly peakMib: number;
  readonly rest: ReadFigures;
  readonly meanwhile: ReadFigures;
}

export async function measure(
  { data, feeds }: { readonly data?: string | undefined; readonly feeds: number },
  progress: Progress,
): Promise<Figures> {
  const lines = linesOf(data);
  const suppliers = await Suppliers.start(cut(lines, feeds), LATENCY_MS);
  const whole = await Suppliers.start(cut(lines, 1), 0);
  const world = await World.start();
  const caller = await SeparateCaller.start(world.service.url);
  if (!caller.comesFirst) progress.line(NOT_FIRST);
  try {
    progress.line(`${lines.length} items in ${feeds} feeds, ${LATENCY_MS} ms each`);
    await seed(world);
    const ids = await world.addFeeds(suppliers.urls, 'Feed');
    const [all = ''] = await world.addFeeds(whole.urls, 'All');
    const sample = ids.slice(0, SAMPLE);
    const sequential = await world.withWorker(1, () => world.refresh(sample));
    progress.line(`${sample.length} feeds one after the other: ${sequential.ms} ms`);
    await clean(world);
    const imported = await world.withWorker(IN_FLIGHT, () => world.refresh([all]));
    progress.line(`All rows in one feed: ${imported.ms} ms`);
    await clean(world);
    const figures = await world.withWorker(IN_FLIGHT, async (worker) => {
      const seeded = await world.database.query<{ id: string }>(
        `SELECT id FROM items WHERE tags @> '{seeded}' ORDER BY sku`,
      );
      const readers = new Readers(
        caller,
        seeded.rows.map(({ id }) => id),
      );
      await readers.during(Promise.resolve(), 2);
      const rest = await readers.during(Promise.resolve(), REST_SECONDS);
      const restMib = peakMib(worker);
      const first = pulled(world, ids);
      const meanwhile = await readers.during(first, 0);
      const { ms, statements, job } = await first;
      progress.line(`All feeds: ${ms} ms`);
      const askedBefore = suppliers.asked.length;
      const before = await contentOf(world);
      const second = await pulled(world, ids);
      progress.line(`All feeds again: ${second.ms} ms`);
      return {
        first: {
          ...{ ms, statements, rowsPerSecond: (1_000 * lines.length) / ms },
          wrong: Math.abs(lines.length - (job.progress['created'] ?? 0)) + (feeds - (job.progress['succeeded'] ?? 0)),
        },
        second: {
          ...{ ms: second.ms, statements: second.statements, notModified: second.job.progress['unchanged'] ?? 0 },
          asked: suppliers.asked.length - askedBefore,
          rowsChanged: (await contentOf(world)) !== before,
        },
        ...{ restMib, peakMib: peakMib(worker), rest, meanwhile },
      };
    });
    const sequentialMsPerFeed = sequential.ms / sample.length;
    return { feeds, rows: lines.length, sequentialMsPerFeed, importMs: imported.ms, ...figures };
  } finally {
    await caller.stop();
    await world.stop();
    await Promise.all([suppliers.stop(), whole.stop()]);
  }
}

/** @returns with the statements of all who use the database, readers of the check included */
async function pulled(world: World, ids: readonly string[]) {
  await world.database.query('SELECT pg_stat_statements_reset()');
  const job = await world.refresh(ids);
  const { calls } = await world.row<{ calls: number }>(
    `SELECT sum(calls)::integer AS calls FROM pg_stat_statements WHERE query ~* 'feed_|json_to_recordset'`,
  );
  return { job, ms: job.ms, statements: calls };
}

async function seed(world: World): Promise<void> {
  for (let from = 0; from < SEEDED; from += SEED_PART) {
    const lines = Array.from({ length: SEED_PART }, (_, n) =>
      JSON.stringify({ sku: `SEEDED-${from + n}`, name: `Seeded ${from + n}`, tags: ['seeded'] }),
    );
    await world.ask('POST', '/v1/items/import', lines.join('\n'), 'application/x-ndjson');
  }
}

/** As it was before any refresh. */
async function clean({ database }: World): Promise<void> {
  await database.query(`DELETE FROM items WHERE NOT tags @> '{seeded}'`);
  await database.query('DELETE FROM feed_validators');
  await database.query('VACUUM ANALYZE items');
  await database.query('CHECKPOINT');
}

const contentOf = async (world: World): Promise<string> =>
  JSON.stringify(await world.row('SELECT count(*), sum(version), max(updated_at) FROM items'));
