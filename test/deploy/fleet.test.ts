// Three instances behind each balancer, under load: one is killed, one is frozen, all are replaced; nobody notices.
import { sql } from '@app/database';
import { ask, type Asked, Load, type Outcome } from '../support/load';
import { Fleet } from '../support/fleet';
import { describeWith } from '../support/programs';
import { PROXIES, type Proxy } from '../support/proxies';

/** Milliseconds after which nobody may wait for a frozen instance any more. */
const EJECTED_WITHIN = 2_000;
const KILLS = 3;
/** Few, since the machine also starts instances meanwhile: what is seen is who fails, not how many fit. */
const CALLERS = 3;

let fleet: Fleet;
let read: string[];

beforeAll(async () => {
  fleet = await Fleet.start({ RATE_LIMIT_LOGINS: '4' });
  const operations = Array.from({ length: 50 }, (_, n) => ({ op: 'create', item: { sku: `F-${n}`, name: `F ${n}` } }));
  const { body } = await fleet.api.request('POST', '/v1/items/batch', { as: fleet.owner, body: { operations } });
  read = body.results.map((result: { item: { id: string } }) => `/v1/items/${result.item.id}`);
}, 60_000);

afterAll(() => fleet.stop());

for (const [program, start] of PROXIES)
  describeWith(program, `behind ${program}`, (path) => {
    let proxy: Proxy;

    beforeEach(async () => {
      proxy = await start(path, fleet.ports);
    });
    afterEach(() => proxy?.stop());

    const prefix = `${program}-`;

    /** Reads, lists, and one in five makes an item under a key. */
    function ordinary(n: number): Asked {
      if (n % 5 === 0) return creation(`${prefix}${process.hrtime.bigint()}`);
      return { path: n % 5 === 1 ? `/v1/items?limit=${5 + (n % 40)}` : (read[n % read.length] as string) };
    }

    const creation = (sku: string): Asked => ({
      method: 'POST',
      path: '/v1/items',
      headers: {
        authorization: `Bearer ${fleet.owner.token}`,
        'content-type': 'application/json',
        'idempotency-key': sku,
      },
      body: JSON.stringify({ sku, name: sku }),
    });

    /** Each acknowledged one is there, and no other than the acknowledged. */
    async function expectEachOnce(outcomes: readonly Outcome[]): Promise<void> {
      const made = outcomes
        .filter(({ result }) => result === 201)
        .map(({ body }) => (JSON.parse(body) as { sku: string }).sku);
      const rows = await fleet.api.rows<{ sku: string }>(sql`SELECT sku FROM items WHERE sku = ANY(${made})`);
      expect(made.length).toBeGreaterThan(0);
      expect(rows.map(({ sku }) => sku).sort()).toEqual([...made].sort());
    }

    it('all get their share', async () => {
      const before = await fleet.answered();
      const load = new Load(proxy.port, CALLERS, (n) => ({ path: `/v1/items?limit=1&q=share${n}` }));
      await load.more(150);
      expect(await load.stop()).toEqual([]);
      const shares = (await fleet.answered()).map((count, at) => count - (before[at] as number));
      expect(Math.min(...shares)).toBeGreaterThan(20);
    });

    it('they see the address of the caller, and believe no other', async () => {
      const login = (localAddress: string, n: number): Promise<number> =>
        ask(proxy.port, {
          method: 'POST',
          path: '/v1/auth/login',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': `203.0.113.${n}` },
          body: JSON.stringify({ email: `nobody-${n}@test.example`, password: 'wrong password' }),
          localAddress,
        }).then(({ status }) => status);
      const caller = program === 'nginx' ? '127.0.0.21' : '127.0.0.22';
      const statuses: number[] = [];
      // Each of the three counts alone.
      for (let n = 0; n < 13; n++) statuses.push(await login(caller, n));
      expect(statuses).toContain(429);
      expect(await login(`${caller}1`, 99)).toBe(401);
    });

    it('one is killed again and again', async () => {
      const load = new Load(proxy.port, CALLERS, ordinary);
      for (let time = 0; time < KILLS; time++) {
        await load.more(60);
        await fleet.replace(time % 3, 'SIGKILL');
      }
      await load.more(60);
      expect(await load.stop()).toEqual([]);
      await expectEachOnce(load.outcomes);
    }, 180_000);

    it('one is frozen', async () => {
      const load = new Load(proxy.port, CALLERS, ordinary);
      await load.more(60);
      const frozenAt = performance.now();
      fleet.signal(0, 'SIGSTOP');
      try {
        while (performance.now() < frozenAt + 2.5 * EJECTED_WITHIN) await load.more(20);
      } finally {
        fleet.signal(0, 'SIGCONT');
      }
      await load.more(60);
      expect(await load.stop()).toEqual([]);
      const later = load.outcomes.filter(({ startedAt }) => startedAt > frozenAt + EJECTED_WITHIN);
      expect(later.filter(({ ms }) => ms > EJECTED_WITHIN)).toEqual([]);
      expect(later.length).toBeGreaterThan(60);
      await expectEachOnce(load.outcomes);
    }, 60_000);

    it('all are replaced, one after the other', async () => {
      const load = new Load(proxy.port, CALLERS, ordinary);
      for (const at of [0, 1, 2]) {
        await load.more(60);
        expect(await fleet.replace(at, 'SIGTERM')).toEqual({ code: 0, signal: null });
      }
      await load.more(60);
      expect(await load.stop()).toEqual([]);
      await expectEachOnce(load.outcomes);
    }, 180_000);
  });
