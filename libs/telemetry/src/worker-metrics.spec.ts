import { EventEmitter } from 'node:events';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { WorkerMetrics } from './worker-metrics';

/** Answers from a registry of its own, as the process of a worker does. */
class FakeWorker extends EventEmitter {
  isFrozen = false;
  readonly asked: object[] = [];
  private readonly registry = new Registry();
  private readonly settings = { help: 'x', registers: [this.registry] };
  readonly done = new Counter({ name: 'done_total', labelNames: ['kind'], ...this.settings });
  readonly waiting = new Gauge({ name: 'waiting', ...this.settings });
  readonly took = new Histogram({ name: 'took_seconds', buckets: [1], ...this.settings });

  send(question: object): void {
    this.asked.push(question);
    if (!this.isFrozen) void this.answer(question);
  }

  async answer(question: object): Promise<void> {
    const metrics = await this.registry.getMetricsAsJSON();
    this.emit('message', { ...question, type: 'floodgate:metrics', metrics });
  }
}

function start(count: number): { metrics: WorkerMetrics; workers: FakeWorker[]; fall: (worker: FakeWorker) => void } {
  const metrics = new WorkerMetrics();
  const workers = Array.from({ length: count }, () => new FakeWorker());
  for (const worker of workers) metrics.joined(worker);
  const fall = (worker: FakeWorker): void => {
    metrics.left(worker);
    worker.emit('exit', null, 'SIGKILL');
  };
  return { metrics, workers, fall };
}

const linesOf = async (metrics: WorkerMetrics): Promise<string[]> => (await metrics.text()).split('\n');

test('what workers have counted is added up, and remains when one of them falls; what they have does not', async () => {
  const { metrics, workers, fall } = start(3);
  for (const worker of workers) {
    worker.done.inc({ kind: 'good' }, 5);
    worker.waiting.set(2);
    worker.took.observe(3);
  }
  const counted = ['done_total{kind="good"} 15', 'took_seconds_sum 9', 'took_seconds_bucket{le="+Inf"} 3'];
  expect(await linesOf(metrics)).toEqual(expect.arrayContaining([...counted, 'waiting 6']));
  for (const worker of workers.slice(1)) {
    fall(worker);
    expect(await linesOf(metrics)).toEqual(expect.arrayContaining(counted));
  }
  expect(await linesOf(metrics)).toContain('waiting 2');
  workers[0]?.done.inc({ kind: 'good' });
  expect(await linesOf(metrics)).toContain('done_total{kind="good"} 16');
});

test('one that falls while it is asked is waited for no longer, and counts as it last said', async () => {
  const { metrics, workers, fall } = start(2);
  const [one, other] = workers as [FakeWorker, FakeWorker];
  for (const worker of workers) worker.done.inc({ kind: 'good' }, 5);
  await metrics.text();
  other.isFrozen = true;
  one.done.inc({ kind: 'good' });
  const text = metrics.text();
  fall(other);
  expect((await text).split('\n')).toContain('done_total{kind="good"} 11');
});

test('one that does not answer fails the scrape, and leaves nothing behind', async () => {
  jest.useFakeTimers();
  const { metrics, workers } = start(1);
  const [frozen] = workers as [FakeWorker];
  frozen.isFrozen = true;
  const failed = expect(metrics.text()).rejects.toThrow('does not answer within 5000 ms');
  await jest.advanceTimersByTimeAsync(5_000);
  await failed;
  expect(frozen.eventNames()).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
  frozen.isFrozen = false;
  frozen.done.inc({ kind: 'good' });
  await frozen.answer(frozen.asked[0] as object);
  expect(await linesOf(metrics)).toContain('done_total{kind="good"} 1');
});

test('scrapes that come together are one question', async () => {
  const { metrics, workers } = start(1);
  await Promise.all([metrics.text(), metrics.text()]);
  expect(workers[0]?.asked).toHaveLength(1);
  await metrics.text();
  expect(workers[0]?.asked).toHaveLength(2);
});

test('a worker that cannot say fails the scrape with its reason', async () => {
  const { metrics, workers } = start(1);
  const [broken] = workers as [FakeWorker];
  broken.isFrozen = true;
  const text = metrics.text();
  broken.emit('message', { ...broken.asked[0], type: 'floodgate:metrics', metrics: [], failure: 'broken gauge' });
  await expect(text).rejects.toThrow('broken gauge');
});

test('the supervisor says itself when it was started: of workers, prom-client leaves that out', async () => {
  const { metrics } = start(1);
  const started = (await linesOf(metrics)).filter((line) => line.startsWith('process_start_time_seconds '));
  expect(started).toEqual([`process_start_time_seconds ${Math.round(Date.now() / 1_000 - process.uptime())}`]);
});
