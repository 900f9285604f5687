import { LIMITS, Telemetry } from './events';
import { Metrics } from './metrics';

const answer = { requestId: 'r1', method: 'GET', route: '/v1/x/:id', status: 200, durationMs: 30 };

test('answers are counted by method, route template and status, in seconds', async () => {
  const telemetry = new Telemetry();
  const metrics = new Metrics(telemetry);
  telemetry.emit('http.answered', answer);
  telemetry.emit('http.answered', { ...answer, durationMs: 2000 });
  telemetry.emit('http.answered', { ...answer, route: 'unmatched', status: 404 });
  const text = await metrics.text();
  const labels = 'method="GET",route="/v1/x/:id",status="200"';
  expect(text).toContain('# TYPE http_request_duration_seconds histogram');
  expect(text).toContain(`http_request_duration_seconds_count{${labels}} 2`);
  expect(text).toContain(`http_request_duration_seconds_sum{${labels}} 2.03`);
  expect(text).toContain(`http_request_duration_seconds_bucket{le="0.025",${labels}} 0`);
  expect(text).toContain(`http_request_duration_seconds_bucket{le="0.05",${labels}} 1`);
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1');
  expect(text).not.toContain('r1');
});

test('statements are counted by outcome, without their text', async () => {
  const telemetry = new Telemetry();
  const metrics = new Metrics(telemetry);
  telemetry.emit('database.statement', { sql: 'SELECT 1', durationMs: 4, failed: false });
  telemetry.emit('database.statement', { sql: 'SELECT 1', durationMs: 2000, failed: true });
  const text = await metrics.text();
  expect(text).toContain('database_statement_duration_seconds_sum{outcome="succeeded"} 0.004');
  expect(text).toContain('database_statement_duration_seconds_sum{outcome="failed"} 2');
  expect(text).not.toContain('SELECT');
});

test('polls are counted by what they found', async () => {
  const telemetry = new Telemetry();
  const metrics = new Metrics(telemetry);
  telemetry.emit('changes.polled', { durationMs: 2, changes: 0 });
  telemetry.emit('changes.polled', { durationMs: 1, changes: 0 });
  telemetry.emit('changes.polled', { durationMs: 8, changes: 3 });
  const text = await metrics.text();
  expect(text).toContain('change_feed_poll_duration_seconds_count{found="nothing"} 2');
  expect(text).toContain('change_feed_poll_duration_seconds_sum{found="changes"} 0.008');
});

test('the pool is read at each scrape, and one pool only', async () => {
  const metrics = new Metrics(new Telemetry());
  expect(await metrics.text()).not.toContain('database_pool');
  let counts = { total: 4, idle: 3, waiting: 0 };
  metrics.watchPool(() => counts);
  expect(await metrics.text()).toContain('database_pool_connections{state="busy"} 1');
  counts = { total: 10, idle: 0, waiting: 7 };
  const text = await metrics.text();
  expect(text).toContain('database_pool_connections{state="busy"} 10');
  expect(text).toContain('database_pool_connections{state="idle"} 0');
  expect(text).toContain('database_pool_waiting 7');
  expect(() => metrics.watchPool(() => counts)).toThrow('database_pool_connections');
});

test('the lanes are read at each scrape', async () => {
  const metrics = new Metrics(new Telemetry());
  metrics.watchLanes(() => ({ total: 4, idle: 3 }));
  const text = await metrics.text();
  expect(text).toContain('database_lanes{state="busy"} 1');
  expect(text).toContain('database_lanes{state="idle"} 3');
});

test('applications in one process do not see each other', async () => {
  const [one, other] = [new Telemetry(), new Telemetry()];
  const [ofOne, ofOther] = [new Metrics(one), new Metrics(other)];
  one.emit('http.answered', answer);
  expect(await ofOne.text()).toContain('http_request_duration_seconds_count');
  expect(await ofOther.text()).not.toContain('http_request_duration_seconds_count');
});

test('what is counted is 0 before it happens: that a counter has begun to exist is no increase', async () => {
  const telemetry = new Telemetry();
  const metrics = new Metrics(telemetry);
  const lines = [
    'http_failures_total 0',
    'job_failures_total 0',
    'change_feed_failures_total 0',
    'mail_failures_total{outcome="retried"} 0',
    'mail_failures_total{outcome="given_up"} 0',
    ...LIMITS.map((limit) => `rate_limit_refusals_total{limit="${limit}"} 0`),
  ];
  const before = await metrics.text();
  for (const line of lines) expect(before.split('\n')).toContain(line);
  telemetry.emit('http.failed', { requestId: 'r1', method: 'GET', route: '/', error: new Error('x') });
  telemetry.emit('job.failed', { error: new Error('x') });
  telemetry.emit('changes.lost', { reason: 'x' });
  telemetry.emit('mail.failed', { reason: 'x', attempts: 1, isGivenUp: false });
  telemetry.emit('mail.failed', { reason: 'x', attempts: 9, isGivenUp: true });
  for (const limit of LIMITS) telemetry.emit('limit.exceeded', { limit });
  const after = await metrics.text();
  for (const line of lines) expect(after.split('\n')).toContain(line.replace(/0$/, '1'));
});

test('looks at the changes and commands to Redis are measured', async () => {
  const telemetry = new Telemetry();
  const metrics = new Metrics(telemetry);
  telemetry.emit('changes.polled', { durationMs: 3, changes: 0 });
  telemetry.emit('redis.command', { command: 'get', durationMs: 50, failed: true });
  const text = await metrics.text();
  expect(text).toContain('change_feed_poll_duration_seconds_sum{found="nothing"} 0.003');
  expect(text).toContain('redis_command_duration_seconds_sum{command="get",outcome="failed"} 0.05');
});

test('a backlog is asked for once a scrape, and left out when nobody says', async () => {
  const metrics = new Metrics(new Telemetry());
  const ask = jest.fn().mockResolvedValueOnce({ waiting: 2, oldestSeconds: 7 });
  metrics.watchBacklog('jobs', 'Jobs', ask);
  const text = await metrics.text();
  expect(text).toContain('jobs_waiting 2');
  expect(text).toContain('jobs_oldest_waiting_seconds 7');
  expect(ask).toHaveBeenCalledTimes(1);
  ask.mockRejectedValueOnce(new Error('away'));
  expect(await metrics.text()).not.toMatch(/^jobs_/m);
});

test('a scrape does not wait for what takes too long', async () => {
  const metrics = new Metrics(new Telemetry());
  metrics.watch('gauge', 'slow', 'x', () => new Promise(() => undefined));
  metrics.watch('gauge', 'quick', 'x', () => [{ value: 1 }]);
  const text = await metrics.text();
  expect(text).toContain('quick 1');
  expect(text).not.toMatch(/^slow/m);
});
