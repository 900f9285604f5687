// What operators watch with: that the alarms and the dashboard ask for what the service really says, and that each alarm is explained.
import { spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { parse } from 'yaml';
import { type Account, TestApi } from '../support/api';
import { Catalogues } from '../support/catalogues';
import { describeWith } from '../support/programs';
import { Prometheus } from '../support/prometheus';
import { DEPLOY } from '../support/proxies';
import { freePort, type RedisServer, startRedis } from '../support/redis';
import { Service } from '../support/service';
import { killWorker, spawnWorker } from '../support/worker';

jest.setTimeout(120_000);

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const SECRET = 'a secret that is used in tests only, 32 bytes or more';
const rulesIn = (name: string): Rule[] =>
  (parse(readFileSync(join(DEPLOY, 'prometheus', name), 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (one) => one.rules,
  );
const rules = rulesIn('alerts.yaml');
/** Those about the standby ask for series of postgres_exporter. */
const alarms = [...rules, ...rulesIn('standby.yaml')].filter(
  (rule): rule is Rule & { alert: string } => rule.alert !== undefined,
);
const operating = readFileSync(join(DEPLOY, '../docs/operating.md'), 'utf8');
const dashboard = JSON.parse(readFileSync(join(DEPLOY, 'grafana/dashboard.json'), 'utf8')) as { panels: Panel[] };
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);

/** Each `name{labels}` of a query. What is no metric stands in front of a parenthesis, in one behind `by`, or is a word of the language. */
function selectorsOf(query: string): string[] {
  const bare = query.replace(/\b(by|on|ignoring|without)\s*\([^)]*\)/g, ' ').replace(/\[[^\]]*\]/g, ' ');
  const found = bare.match(/[a-z_:][\w:]*\s*(\{[^}]*\}|\()?/gi) ?? [];
  return found
    .map((one) => one.trim())
    .filter((one) => !one.endsWith('(') && !/^(and|or|unless|offset|Inf|d|m|s)$/.test(one));
}

describe('docs/operating.md', () => {
  it('explains each alarm, and no other', () => {
    const explained = [...operating.matchAll(/^### (Floodgate\w+)$/gm)].map(([, name]) => name);
    expect(explained.sort()).toEqual(alarms.map(({ alert }) => alert).sort());
    const listed = [...operating.matchAll(/^\| \[(Floodgate\w+)\]\(#(\w+)\) +\| (\w+) /gm)].map(([, ...row]) => row);
    const expected = alarms.map(({ alert, labels }) => [alert, alert.toLowerCase(), labels.severity]);
    expect(listed.sort()).toEqual(expected.sort());
  });

  it.each(alarms)('is where $alert leads to', ({ alert, labels, annotations }) => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations).toEqual({
      summary: expect.any(String),
      description: expect.stringMatching(/\.$/),
      runbook_url: `docs/operating.md#${alert.toLowerCase()}`,
    });
  });
});

describeWith('promtool', 'promtool', (path) => {
  it.each([
    ['check', 'rules', 'alerts.yaml', 'standby.yaml'],
    ['check', 'config', 'prometheus.yaml'],
    ['test', 'rules', 'alerts.test.yaml', 'alerts.day.test.yaml', 'standby.test.yaml'],
  ])('%s %s %s', (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(path, words, { cwd: join(DEPLOY, 'prometheus'), encoding: 'utf8' });
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  it('has seen each alarm fire', () => {
    const files = ['alerts.test.yaml', 'alerts.day.test.yaml', 'standby.test.yaml'].map((name) =>
      join(DEPLOY, 'prometheus', name),
    );
    const seen = files.map((file) => readFileSync(file, 'utf8')).join('');
    for (const { alert } of alarms) expect(seen).toMatch(new RegExp(`labels: '\\{alertname="${alert}"`));
  });
});

describeWith('redis-server', 'a live scrape', (redisPath) => {
  describeWith('prometheus', 'by Prometheus', (path) => {
    let api: TestApi;
    let admin: Account;
    let redis: RedisServer;
    let service: Service;
    let worker: ChildProcess;
    let supplier: Catalogues;
    let prometheus: Prometheus;
    let locker: Client;
    let round = 0;

    beforeAll(async () => {
      api = await TestApi.start();
      admin = await api.createAccount({ role: 'admin' });
      redis = await startRedis(redisPath);
      supplier = await Catalogues.start();
      const [port, workerPort] = [await freePort(), await freePort()];
      const shared = { REDIS_URL: redis.url, DATABASE_POOL: '3', DATABASE_LANES: '2' };
      service = Service.spawn({
        ...shared,
        ...{ DATABASE_URL: api.databaseUrl, JWT_SECRET: SECRET, RATE_LIMIT_LOGINS: 'off' },
        ...{ ADMIN_PORT: String(port), WORKERS: '2' },
      });
      worker = await spawnWorker(api.databaseUrl, { ...shared, WORKER_ADMIN_PORT: String(workerPort) });
      await service.until(/"app\.listening"[^]*"app\.listening"/);
      locker = new Client({ connectionString: api.databaseUrl });
      await locker.connect();
      prometheus = await Prometheus.start(path, { floodgate: [port], 'floodgate-worker': [workerPort] });
    });

    afterAll(async () => {
      await prometheus?.stop();
      await locker?.end();
      await service?.stop('SIGKILL');
      if (worker) await killWorker(worker);
      await supplier?.stop();
      await redis?.stop();
      await api?.close();
    });

    const ask = (path: string, init: RequestInit = {}): Promise<number> =>
      fetch(`${service.url}${path}`, init).then(async (response) => (await response.arrayBuffer(), response.status));

    /** Of everything a little: reads, a late one, a guess, somebody unknown, a feed that fails. */
    async function live(): Promise<void> {
      round++;
      await Promise.all([ask('/v1/items'), ask('/v1/items'), ask(`/v1/items?q=word${round}`), ask('/v1/users/me')]);
      const guess = JSON.stringify({ email: 'ann@shop.example', password: 'a wrong one' });
      await ask('/v1/auth/login', { method: 'POST', body: guess, headers: { 'content-type': 'application/json' } });
      await locker.query('BEGIN; LOCK TABLE items');
      expect(await ask(`/v1/items?q=late${round}`, { headers: { 'x-request-timeout': '50' } })).toBe(504);
      await locker.query('ROLLBACK');
      const body = {
        name: `Feed ${round}`,
        url: supplier.publish('/gone', (_, answer) => answer.writeHead(404).end()),
        format: 'csv',
      };
      const { id } = (await api.request('POST', '/v1/feeds', { as: admin, body })).body;
      await api.request('POST', '/v1/feeds/refresh', { as: admin, body: { feedIds: [id] } });
    }

    /** Those of the queries that have no value, once all have one or time is up: a rate takes two scrapes. */
    async function withoutValue(all: readonly string[]): Promise<string[]> {
      const until = performance.now() + 60_000;
      let left = all;
      do {
        await live();
        const values = await Promise.all(left.map((query) => prometheus.values(query)));
        left = left.filter((_, at) => !values[at]?.some(Number.isFinite));
      } while (left.length > 0 && performance.now() < until);
      return [...left];
    }

    it('finds what each query of the dashboard asks for', async () => {
      const filled = queries.map(([, expr]) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));
      expect(filled.filter((one) => one.includes('$'))).toEqual([]);
      expect(await withoutValue(filled)).toEqual([]);
    });

    it('finds each series that an alarm is about', async () => {
      const selectors = [...new Set(rules.flatMap(({ expr }) => selectorsOf(expr)))];
      expect(selectors.length).toBeGreaterThan(20);
      const recorded = rules.flatMap(({ record }) => record ?? []);
      expect(await withoutValue(selectors.filter((one) => !recorded.includes(one)))).toEqual([]);
    });

    it('has each metric that the table of docs/operating.md names, and no other beside Node’s own', async () => {
      const names = await prometheus.get<string[]>('label/__name__/values');
      const own = names.filter((name) => !/^(up$|scrape_|ALERTS|floodgate:|process_|nodejs_)/.test(name));
      const metrics = new Set(own.map((name) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')));
      const table = /^## Metrics\n([^]*?)^## /m.exec(operating)?.[1] ?? '';
      const rows = table.split('\n').map((line) => /^\| (.*?) \| /.exec(line)?.[1] ?? '');
      const documented = rows.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
      expect([...metrics].sort()).toEqual(documented.sort());
    });

    it('evaluates each rule, and nothing is critical', async () => {
      interface Evaluated {
        readonly name: string;
        readonly health: string;
        readonly lastError?: string;
      }
      const { groups } = await prometheus.get<{ groups: { rules: Evaluated[] }[] }>('rules');
      const all = groups.flatMap((group) => group.rules);
      expect(all.filter(({ health }) => health === 'err')).toEqual([]);
      expect(all).toHaveLength(rules.length);
      const critical = await prometheus.get<{ alerts: { state: string; labels: Record<string, string> }[] }>('alerts');
      expect(
        critical.alerts.filter(({ state, labels }) => state === 'firing' && labels['severity'] === 'critical'),
      ).toEqual([]);
    });
  });
});
