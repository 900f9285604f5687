import type { Client } from 'pg';
import sql from 'sql-template-tag';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { LoggedDatabase } from '../test/logged-database';
import type { Committed } from './transaction';
import { failureOf } from './failures';
import { during, Lifetime } from './lifetime';

const told: number[] = [];
let statements: string[] = [];
let log: LoggedDatabase;
let other: Client;

beforeAll(async () => {
  log = await LoggedDatabase.create({ committed: async (xid) => void told.push(xid) });
  other = await log.connect();
  log.telemetry.on('database.statement', ({ sql: text }) => statements.push(text));
  await log.client.query(`
    ALTER TABLE orders ADD later int, ADD CONSTRAINT orders_later_key UNIQUE (later) DEFERRABLE INITIALLY DEFERRED`);
});
afterAll(() => log.close());
beforeEach(async () => {
  await log.client.query(`TRUNCATE orders, lines`);
  await log.client.query(`INSERT INTO orders VALUES (1, 'one', 1)`);
  await log.logged();
  told.length = 0;
  statements = [];
});

const stored = async (): Promise<number[]> => {
  const { rows } = await log.client.query<{ id: number }>(`SELECT id FROM orders ORDER BY id`);
  return rows.map(({ id }) => id);
};
const insert = (id: number, later: number | null = null) =>
  log.database.rows(sql`INSERT INTO orders VALUES (${id}, NULL, ${later})`);

/** Whether every connection of the pool can be used, and none is in a transaction. */
async function poolIsClean(): Promise<boolean> {
  const { total, idle, waiting } = log.database.poolState();
  const { rows } = await log.client.query(`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'floodgate' AND state <> 'idle'`);
  return rows.length === 0 && total === idle && waiting === 0;
}

describe('transaction()', () => {
  it('is two statements more than its work, and learns its id on the way', async () => {
    const committed: Committed = {};
    const result = await log.database.witness(committed, () =>
      log.database.transaction(async () => {
        await insert(2);
        await log.database.transaction(() => insert(3));
        return 'done';
      }),
    );
    const logged = await log.logged();
    expect(result).toBe('done');
    expect(statements).toHaveLength(4);
    expect(new Set(logged.map(({ xid }) => Number(xid)))).toEqual(new Set([committed.xid]));
    expect(told).toEqual([committed.xid]);
    expect(await poolIsClean()).toBe(true);
  });

  it('that only reads tells nothing', async () => {
    const committed: Committed = {};
    await log.database.witness(committed, () => log.database.transaction(() => log.database.rows(sql`SELECT 1`)));
    expect([committed.xid, told]).toEqual([undefined, []]);
  });

  it('whose work fails leaves nothing', async () => {
    const work = log.database.transaction(async () => {
      await insert(2);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect([await stored(), told, await log.logged(), await poolIsClean()]).toEqual([[1], [], [], true]);
  });

  it('whose COMMIT fails says so, and leaves nothing', async () => {
    const committed: Committed = {};
    const failure = await log.database
      .witness(committed, () => log.database.transaction(() => insert(2, 1)))
      .catch(failureOf);
    expect(failure).toEqual({ kind: 'violation', sqlState: '23505', constraint: 'orders_later_key' });
    expect([await stored(), told, committed.xid, await log.logged()]).toEqual([[1], [], undefined, []]);
    await Promise.all([1, 2, 3, 4].map((n) => log.database.transaction(() => insert(10 + n))));
    expect([await stored(), await poolIsClean()]).toEqual([[1, 11, 12, 13, 14], true]);
  });

  it('whose work swallows an error of a statement fails, and leaves nothing', async () => {
    const work = log.database.transaction(async () => {
      await insert(2);
      await insert(1).catch(() => undefined);
      return 'done';
    });
    await expect(work).rejects.toMatchObject({ code: '25P02' });
    expect([await stored(), told, await poolIsClean()]).toEqual([[1], [], true]);
  });

  it('whose connection is lost fails, and does not harm the next', async () => {
    const work = log.database.transaction(async () => {
      await insert(2);
      const [own] = await log.database.rows<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
      await other.query(`SELECT pg_terminate_backend($1, 5000)`, [own?.pid]);
    });
    const failure = await work.catch(failureOf);
    expect(failure).toMatchObject({ kind: 'unavailable' });
    await log.database.transaction(() => insert(3));
    expect([await stored(), told.length]).toEqual([[1, 3], 1]);
  });

  it('that conflicts with another one is repeated, and tells the last attempt only', async () => {
    const committed: Committed = {};
    let attempts = 0;
    const work = async (): Promise<void> => {
      attempts++;
      const rows = await log.database.rows(sql`SELECT * FROM orders`);
      if (attempts === 1) await other.query(`UPDATE orders SET name = 'theirs' WHERE id = 1`);
      await log.database.rows(sql`UPDATE orders SET name = ${`of ${rows.length}`} WHERE id = 1`);
    };
    await log.database.witness(committed, () => log.database.transaction(work, { isolation: 'REPEATABLE READ' }));
    const logged = await log.logged();
    expect([attempts, logged.length, told]).toEqual([2, 2, [committed.xid]]);
    expect(Number(logged[1]?.xid)).toBe(committed.xid);
  });

  it('that conflicts when it commits is repeated as well', async () => {
    let attempts = 0;
    const work = async (): Promise<void> => {
      await log.database.rows(sql`SELECT count(*) FROM orders`);
      if (++attempts === 1) {
        await other.query(`BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM lines`);
        await other.query(`INSERT INTO orders VALUES (5)`);
      }
      await log.database.rows(sql`INSERT INTO lines VALUES (${attempts}, 1)`);
      if (attempts === 1) await other.query('COMMIT');
    };
    await log.database.transaction(work, { isolation: 'SERIALIZABLE' });
    expect([attempts, told.length, await stored()]).toEqual([2, 1, [1, 5]]);
  });

  /** Stays idle until PostgreSQL ends the session; `whileNobodyHears` the process stands still, and sends before it listens. */
  async function idle(whileNobodyHears: boolean): Promise<void> {
    const rows = await log.database.rows<{ pid: number }>(sql`
      SELECT pg_backend_pid() AS pid, set_config('idle_in_transaction_session_timeout', '50', true)`);
    if (whileNobodyHears) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    else while (await isThere(rows[0]?.pid));
  }
  const isThere = async (pid?: number): Promise<boolean> =>
    (await other.query(`SELECT FROM pg_stat_activity WHERE pid = $1`, [pid])).rows.length > 0;

  it.each([true, false])(
    'that PostgreSQL undid while the process stood still is repeated (%p)',
    async (standsStill) => {
      let attempts = 0;
      const work = async (): Promise<void> => {
        await insert(2);
        if (++attempts === 1) await idle(standsStill);
        await insert(3);
      };
      await log.database.transaction(work);
      expect([attempts, told.length, await stored(), await poolIsClean()]).toEqual([2, 1, [1, 2, 3], true]);
    },
  );

  it('that was undone is not repeated for a caller who has gone meanwhile', async () => {
    const caller = new Lifetime();
    let attempts = 0;
    const work = async (): Promise<void> => {
      attempts++;
      await idle(false);
      await insert(3).catch((error: unknown) => {
        caller.end(new Error('gone'));
        throw error;
      });
    };
    await expect(during(caller, () => log.database.transaction(work))).rejects.toThrow('gone');
    expect([attempts, await stored(), await poolIsClean()]).toEqual([1, [1], true]);
  });

  it('that stays idle each time fails at the second', async () => {
    let attempts = 0;
    const work = log.database.transaction(async () => (attempts++, idle(true)));
    expect(await work.catch(failureOf)).toEqual({ kind: 'conflict', sqlState: '25P03' });
    expect([attempts, told, await poolIsClean()]).toEqual([2, [], true]);
  });
});

describe('savepoint()', () => {
  /** A ROLLBACK TO SAVEPOINT that does not come to its end, as when it is the statement that a cancellation hits. */
  const undoing = () => jest.spyOn(PostgresQueryRunner.prototype, 'rollbackTransaction');
  afterEach(() => void jest.restoreAllMocks());

  it('undoes its own work only, and belongs to the transaction around it', async () => {
    const committed: Committed = {};
    await log.database.witness(committed, () =>
      log.database.transaction(async () => {
        await insert(2);
        await log.database.savepoint(() => insert(3));
        await log.database.savepoint(() => insert(1)).catch(() => undefined);
        await insert(4);
      }),
    );
    expect(await stored()).toEqual([1, 2, 3, 4]);
    const xids = (await log.logged()).map(({ xid }) => Number(xid));
    expect(xids).toEqual([committed.xid, committed.xid, committed.xid]);
    expect(told).toEqual([committed.xid]);
  });

  it('that cannot be undone takes the whole transaction with it', async () => {
    const failure = new Error('cancelled just now');
    const work = log.database.transaction(async () => {
      await insert(2);
      await log.database.savepoint(async () => {
        await insert(3);
        undoing().mockRejectedValueOnce(failure);
        throw new Error('no');
      });
    });
    await expect(work).rejects.toThrow(failure);
    expect([await stored(), await poolIsClean()]).toEqual([[1], true]);
  });

  it('outside a transaction is one', async () => {
    await log.database.savepoint(() => insert(2));
    expect([await stored(), told.length, statements.length]).toEqual([[1, 2], 1, 3]);
  });
});
