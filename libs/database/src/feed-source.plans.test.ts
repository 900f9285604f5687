import { Client } from 'pg';
import { LoggedDatabase } from '../test/logged-database';
import { PostgresSource } from './feed-source';
import type { Snapshot } from './snapshot';

const ROWS = 200_000;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}

let log: LoggedDatabase;
let source: PostgresSource;
/** The source's own connection, with its settings. */
let client: Client;
let last: number;

beforeAll(async () => {
  log = await LoggedDatabase.create();
  source = new PostgresSource(log.url, 1_000);
  const query = jest.spyOn(Client.prototype, 'query');
  await source.connect();
  client = query.mock.contexts[0] as Client;
  query.mockRestore();
  const { snapshot } = await source.poll(undefined);
  last = snapshot.xmax;
  await log.client.query(`
    INSERT INTO change_log (xid, tags) SELECT (${last} + n)::text::xid8, ARRAY['orders:' || n] FROM generate_series(1, ${ROWS}) AS n`);
  last += ROWS;
});
afterAll(async () => {
  await source.close();
  await log.close();
});

/** The statement that a poll sends, as the server carries it out. */
async function planOf(previous: Snapshot | undefined, mode: 'custom' | 'generic'): Promise<Plan> {
  const query = jest.spyOn(client, 'query');
  await source.poll(previous);
  const { text, values } = query.mock.calls[0]![0] as unknown as { text: string; values: unknown[] };
  query.mockRestore();
  const literals = values.map((value) => (Array.isArray(value) ? `'{${value.join()}}'` : `'${String(value)}'`));
  await client.query(`SET plan_cache_mode = force_${mode}_plan`);
  await client.query(`PREPARE explained AS ${text}`);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained (${literals.join()})`,
  );
  await client.query(`DEALLOCATE explained; RESET plan_cache_mode`);
  return rows[0]!['QUERY PLAN'][0].Plan;
}

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
const scans = (plan: Plan): string[] =>
  nodes(plan)
    .filter((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'change_log')
    .map((node) => node['Node Type']);
const blocks = (plan: Plan): number => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];

const snapshotWith = (count: number): Snapshot => {
  const xmax = last - 5;
  // Far apart, so that each lies on a page of its own.
  const inProgress = Array.from({ length: count }, (_, at) => xmax - ROWS + 10 + Math.floor((at * (ROWS - 100)) / 100));
  return { xmin: inProgress[0] ?? xmax, xmax, inProgress };
};

describe.each(['as it was filled', 'when the server has counted it'])('a log of 200,000 rows, %s', (state) => {
  beforeAll(async () => {
    if (state === 'when the server has counted it') await log.client.query('VACUUM ANALYZE change_log');
  });

  it.each([
    ['custom', 0, 30],
    ['custom', 100, 500],
    ['generic', 0, 30],
    ['generic', 100, 500],
  ] as const)(
    'is read by its index: a %s plan with %d transactions in progress',
    async (mode, inProgress, maxBlocks) => {
      const plan = await planOf(snapshotWith(inProgress), mode);
      expect(scans(plan)).toEqual([]);
      expect(blocks(plan)).toBeLessThan(maxBlocks);
    },
  );

  it.each(['custom', 'generic'] as const)('is read by its index by the first poll: a %s plan', async (mode) => {
    const plan = await planOf(undefined, mode);
    expect(scans(plan)).toEqual([]);
    expect(blocks(plan)).toBeLessThan(100);
  });
});
