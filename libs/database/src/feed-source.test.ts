import { setTimeout as delay } from 'node:timers/promises';
import { Telemetry } from '@app/telemetry';
import type { Client } from 'pg';
import { LoggedDatabase } from '../test/logged-database';
import { ChangeFeed } from './change-feed';
import { forgetOldChanges } from './change-log.retention';
import { PostgresSource, type Poll } from './feed-source';

const WRITERS = 8;
const TRANSACTIONS = 25;

let log: LoggedDatabase;
const sources: PostgresSource[] = [];
beforeAll(async () => {
  log = await LoggedDatabase.create();
});
afterAll(() => log.close());
beforeEach(async () => {
  await log.client.query(`TRUNCATE orders, lines`);
  await log.client.query(`TRUNCATE change_log, change_log_marks`);
  await log.client.query(`INSERT INTO change_log_marks DEFAULT VALUES`);
});
afterEach(async () => {
  await log.disconnect();
  await Promise.all(sources.splice(0).map((source) => source.close()));
});

function sourceOf(limit = 1_000, url = log.url): PostgresSource {
  const source = new PostgresSource(url, limit);
  sources.push(source);
  return source;
}

async function connected(limit?: number): Promise<PostgresSource> {
  const source = sourceOf(limit);
  await source.connect();
  return source;
}

/** Each change as one text, sorted. */
const textsOf = (changes: Poll['changes']): string[] => changes.map(({ xid, tags }) => `${xid} ${tags.join()}`).sort();

async function wholeLog(): Promise<string[]> {
  const { rows } = await log.client.query<{ xid: string; tags: string[] }>(`SELECT xid::text, tags FROM change_log`);
  return textsOf(rows.map(({ xid, tags }) => ({ xid: Number(xid), tags })));
}

const insert = (id: number, client = log.client) => client.query(`INSERT INTO orders VALUES (${id})`);

describe('each committed change is found once', () => {
  it('while eight write at once, commit late, roll back, or take their time', async () => {
    const source = await connected();
    const first = await source.poll(undefined);
    const work = async (writer: number): Promise<void> => {
      const client = await log.connect();
      for (let n = 0; n < TRANSACTIONS; n++) {
        await client.query('BEGIN');
        for (let change = 0; change <= n % 3; change++) await insert(1_000_000 * writer + 1_000 * n + change, client);
        await delay(Math.random() * (n % 10 === 0 ? 100 : 5));
        await client.query(n % 7 === 6 ? 'ROLLBACK' : 'COMMIT');
      }
    };
    const long = await log.connect();
    await long.query('BEGIN');
    await insert(1, long);

    let isOver = false;
    const working = Promise.all(Array.from({ length: WRITERS }, (_, at) => work(at + 1))).finally(
      () => (isOver = true),
    );
    const found: Poll['changes'][] = [];
    let { snapshot } = first;
    const look = async (): Promise<void> => {
      const poll = await source.poll(snapshot);
      found.push(poll.changes);
      snapshot = poll.snapshot;
    };
    while (!isOver) await look();
    await working;
    await look();
    expect(textsOf(found.flat())).toEqual(await wholeLog());
    await long.query('COMMIT');
    await look();
    expect(textsOf(found.flat())).toEqual(await wholeLog());
    expect(found.flat().length).toBeGreaterThan(WRITERS * TRANSACTIONS);
    // They did overlap: otherwise a poll would prove nothing.
    expect(found.filter(({ length }) => length > 0).length).toBeGreaterThan(20);
  });

  it('if the connection was cut in between, on the same server', async () => {
    const source = await connected();
    const { snapshot } = await source.poll(undefined);
    const { epoch } = await source.connect();
    await insert(1);
    await log.client.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'floodgate feed'`,
    );
    await expect(source.poll(snapshot)).rejects.toThrow();
    await insert(2);
    expect((await source.connect()).epoch).toBe(epoch);
    const { changes } = await source.poll(snapshot);
    expect(changes.map(({ tags }) => tags)).toEqual([['orders:1'], ['orders:2']]);
  });

  it('if a poll failed in between, for somebody had locked the log', async () => {
    const source = await connected();
    const { snapshot } = await source.poll(undefined);
    await insert(1);
    const other = await log.connect();
    await other.query('BEGIN');
    await other.query('LOCK TABLE change_log');
    await expect(source.poll(snapshot)).rejects.toThrow();
    await expect(source.poll(snapshot)).rejects.toThrow('not connected');
    await other.query('ROLLBACK');
    await source.connect();
    expect((await source.poll(snapshot)).changes.map(({ tags }) => tags)).toEqual([['orders:1']]);
  });
});

describe('a poll', () => {
  it('gives at first all changes since the log begins, and where that is', async () => {
    for (const id of [1, 2, 3]) await insert(id);
    const { changes, floor, snapshot } = await (await connected()).poll(undefined);
    expect(changes.map(({ tags }) => tags)).toEqual([['orders:1'], ['orders:2'], ['orders:3']]);
    expect(floor).toBeLessThanOrEqual(changes[0]!.xid);
    expect(snapshot.xmax).toBeGreaterThan(changes[2]!.xid);
  });

  it('of a log with more changes than are wanted gives the newest, and begins behind the last that it left out', async () => {
    for (const id of [1, 2, 3, 4, 5]) await insert(id);
    const { changes, floor } = await (await connected(3)).poll(undefined);
    expect(changes.slice(-2).map(({ tags }) => tags)).toEqual([['orders:4'], ['orders:5']]);
    expect(floor).toBeGreaterThan(Number((await wholeLog())[1]!.split(' ')[0]));
    expect(floor).toBeLessThanOrEqual(changes.at(-2)!.xid);
  });

  it('of a log that ends within a transaction begins behind that', async () => {
    await log.client.query(`BEGIN; INSERT INTO orders VALUES (1); INSERT INTO orders VALUES (2); COMMIT`);
    await insert(3);
    const xids = (await wholeLog()).map((text) => Number(text.split(' ')[0]));
    const { floor } = await (await connected(2)).poll(undefined);
    expect([xids[0], floor]).toEqual([xids[1], xids[1]! + 1]);
  });

  it('of a log without marks says that nothing before is known', async () => {
    await insert(1);
    await log.client.query(`TRUNCATE change_log_marks`);
    const { changes, floor, snapshot } = await (await connected()).poll(undefined);
    expect([changes, floor]).toEqual([[], snapshot.xmax]);
  });

  it.each(['at first', 'later'])('gives no more tags than are wanted, %s as well', async (when) => {
    const source = await connected(2_000);
    const { snapshot } = await source.poll(undefined);
    for (let n = 0; n < 5; n++)
      await log.client.query(`INSERT INTO orders SELECT ${n * 1_000} + id FROM generate_series(1, 1000) AS id`);
    const { changes } = await source.poll(when === 'later' ? snapshot : undefined);
    expect(changes.reduce((sum, { tags }) => sum + tags.length, 0)).toBeLessThanOrEqual(2_000);
  });
});

it('what has been deleted from the log is told by the floor', async () => {
  const source = await connected();
  const { snapshot, floor } = await source.poll(undefined);
  await insert(1);
  const { snapshot: between } = await source.poll(snapshot);
  const horizon = async () => (await source.poll(between)).floor;
  // Transactions of other databases on the server hold the horizon back.
  while ((await horizon()) <= between.xmax) {
    await insert(Math.floor(Math.random() * 2 ** 31));
    await forgetOldChanges(log.database, 0);
    await forgetOldChanges(log.database, 0);
  }
  expect(await horizon()).toBeGreaterThan(floor);
});

describe('a server', () => {
  it('is told from another database of it, and is the same for each who asks', async () => {
    const other = await LoggedDatabase.create();
    const [one, two, another] = await Promise.all([
      sourceOf().connect(),
      sourceOf().connect(),
      sourceOf(1, other.url).connect(),
    ]);
    await Promise.all(sources.splice(0).map((source) => source.close()));
    await other.close();
    expect([one.epoch === two.epoch, one.epoch === another.epoch]).toEqual([true, false]);
    expect([...one.loggedTables].sort()).toEqual(['lines', 'orders']);
  });

  it('without a log can be connected to, and not be asked', async () => {
    await log.client.query(`ALTER TABLE change_log RENAME TO somewhere_else`);
    const source = await connected();
    await expect(source.poll(undefined)).rejects.toThrow('change_log');
    await log.client.query(`ALTER TABLE somewhere_else RENAME TO change_log`);
    await source.connect();
    expect((await source.poll(undefined)).changes).toEqual([]);
  });

  it('that is not there is an error, each time', async () => {
    const source = sourceOf(1, 'postgres://127.0.0.1:1/none');
    await expect(source.connect()).rejects.toThrow();
    await expect(source.connect()).rejects.toThrow();
    await expect(source.poll(undefined)).rejects.toThrow('not connected');
  });
});

describe('no connection is left', () => {
  const connections = async (): Promise<number> => {
    const { rows } = await log.client.query<{ count: number }>(
      `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'floodgate feed'`,
    );
    return rows[0]!.count;
  };
  const gone = async (client: Client = log.client): Promise<void> => {
    for (const end = Date.now() + 5_000; (await connections()) > 0 && Date.now() < end;) await client.query('SELECT 1');
    expect(await connections()).toBe(0);
  };

  it('after close(), which may be called twice', async () => {
    const source = await connected();
    await source.poll(undefined);
    expect(await connections()).toBe(1);
    await Promise.all([source.close(), source.close()]);
    await gone();
  });

  it('by a feed that is closed while it connects', async () => {
    const source = sourceOf();
    const feed = new ChangeFeed({ source, telemetry: new Telemetry(), stalenessMs: 100, maxTags: 10 });
    const polled = feed.poll();
    await feed.close();
    expect(await polled).toBe(false);
    await gone();
  });
});
