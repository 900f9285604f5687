// Three instances behind each balancer, under load: one is killed, one is frozen, all are replaced; nobody notices.
import { EJECTED_WITHIN, frozen, killed, replaced, type Scene, type Seen } from '../faults/instances';
import { Traffic } from '../faults/traffic';
import { ask, Load } from '../support/load';
import { Fleet } from '../support/fleet';
import { describeWith } from '../support/programs';
import { PROXIES, type Proxy } from '../support/proxies';

/** Milliseconds that a service may take to end. */
const EXITS_WITHIN = 15_000;
const KILLS = 3;
/** Few, since the machine also starts instances meanwhile: what is seen is who fails, not how many fit. */
const CALLERS = 3;

let fleet: Fleet;
let traffic: Traffic;

beforeAll(async () => {
  fleet = await Fleet.start({ RATE_LIMIT_LOGINS: '4' });
  traffic = await Traffic.prepare(fleet.api, 'F');
}, 60_000);

afterAll(() => fleet.stop());

for (const [program, start] of PROXIES)
  describeWith(program, `behind ${program}`, (path) => {
    let proxy: Proxy;

    beforeEach(async () => {
      proxy = await start(path, fleet.ports);
    });
    afterEach(() => proxy?.stop());

    const scene = (): Scene => ({ fleet, port: proxy.port, traffic, pace: { callers: CALLERS } });

    function expectNobodyNoticed({ failed, books }: Seen): void {
      expect(failed).toEqual([]);
      expect(books).toEqual({ made: expect.any(Number), lost: 0 });
      expect(books.made).toBeGreaterThan(0);
    }

    it('all get their share', async () => {
      const before = await fleet.answered();
      const load = new Load(proxy.port, { callers: CALLERS }, (n) => ({ path: `/v1/items?limit=1&q=share${n}` }));
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
      expectNobodyNoticed(await killed(scene(), KILLS));
    }, 180_000);

    it('one is frozen', async () => {
      const seen = await frozen(scene(), 2.5 * EJECTED_WITHIN);
      expectNobodyNoticed(seen);
      expect(seen.later.filter(({ ms }) => ms > EJECTED_WITHIN)).toEqual([]);
      expect(seen.later.length).toBeGreaterThan(60);
    }, 60_000);

    it('all are replaced, one after the other', async () => {
      const seen = await replaced(scene(), 1);
      expectNobodyNoticed(seen);
      expect(seen.exits).toEqual(Array(3).fill({ code: 0, signal: null, ms: expect.any(Number) }));
      expect(Math.max(...seen.exits.map(({ ms }) => ms))).toBeLessThan(EXITS_WITHIN);
    }, 180_000);
  });
