import { Telemetry } from './events';
import { createLogger, type LogLevel } from './log';
import { logEvents } from './log-events';

let lines: Record<string, unknown>[];

function telemetryAt(logLevel: LogLevel): Telemetry {
  const telemetry = new Telemetry();
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  logEvents(telemetry, createLogger({ logLevel, destination }));
  return telemetry;
}

const answer = (status: number) => ({ requestId: 'r1', method: 'GET', route: '/v1/x/:id', status, durationMs: 2 });

beforeEach(() => {
  lines = [];
  jest.useFakeTimers();
});

afterEach(() => jest.useRealTimers());

test('the name of the event is the message, its payload the fields', () => {
  const telemetry = telemetryAt('info');
  telemetry.emit('app.listening', { url: 'http://localhost:3000' });
  telemetry.emit('database.connected', {});
  telemetry.emit('redis.connected', {});
  telemetry.emit('app.draining', { signal: 'SIGTERM' });
  telemetry.emit('app.stopped', {});
  expect(lines.map(({ level, msg }) => `${String(level)} ${String(msg)}`)).toEqual([
    'info app.listening',
    'info database.connected',
    'info redis.connected',
    'info app.draining',
    'info app.stopped',
  ]);
  expect(lines[3]).toMatchObject({ signal: 'SIGTERM' });
});

test.each([200, 304, 404, 429])('an answer %d leaves no line at info and one at debug', (status) => {
  telemetryAt('info').emit('http.answered', answer(status));
  expect(lines).toEqual([]);
  telemetryAt('debug').emit('http.answered', answer(status));
  expect(lines).toEqual([expect.objectContaining({ level: 'debug', msg: 'http.answered', ...answer(status) })]);
});

test('a flood of 5xx is one warning in 10 s that counts the others', () => {
  const telemetry = telemetryAt('info');
  for (let request = 0; request < 500; request += 1) telemetry.emit('http.answered', answer(503));
  jest.advanceTimersByTime(10_001);
  telemetry.emit('http.answered', answer(500));
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', msg: 'http.answered', status: 503, suppressed: 0 }),
    expect.objectContaining({ level: 'warn', msg: 'http.answered', status: 500, suppressed: 499 }),
  ]);
});

test.each(['database.lost', 'changes.lost', 'redis.lost'] as const)('%s is told at most once in 10 s', (name) => {
  const telemetry = telemetryAt('info');
  const reason = 'connect ECONNREFUSED';
  for (let second = 0; second < 25; second += 1) {
    telemetry.emit(name, { reason });
    telemetry.emit('http.answered', answer(503));
    jest.advanceTimersByTime(1000);
  }
  const warning = (suppressed: number) => expect.objectContaining({ level: 'warn', reason, suppressed });
  expect(lines.filter(({ msg }) => msg === name)).toEqual([warning(0), warning(9), warning(9)]);
});

test('each unexpected error is told with its request and its causes', () => {
  const error = new Error('outer', { cause: new Error('inner') });
  const telemetry = telemetryAt('info');
  telemetry.emit('http.failed', { requestId: 'r1', method: 'GET', route: '/v1/x/:id', error });
  telemetry.emit('http.failed', { requestId: 'r2', method: 'GET', route: '/v1/x/:id', error: 'thrown text' });
  expect(lines).toEqual([
    expect.objectContaining({ level: 'error', requestId: 'r1', route: '/v1/x/:id' }),
    expect.objectContaining({ level: 'error', requestId: 'r2', error: 'thrown text' }),
  ]);
  expect(lines[0]).toMatchObject({ error: { message: 'outer', cause: { message: 'inner' } } });
});

test('a command to Redis leaves no line', () => {
  telemetryAt('debug').emit('redis.command', { command: 'get', durationMs: 1, failed: true });
  expect(lines).toEqual([]);
});

test('statements are told at debug only, broken readers always', () => {
  const statement = { sql: 'SELECT $1', durationMs: 1, failed: false };
  telemetryAt('info').emit('database.statement', statement);
  expect(lines).toEqual([]);
  telemetryAt('debug').emit('database.statement', statement);
  expect(lines).toEqual([expect.objectContaining({ level: 'debug', ...statement })]);

  const telemetry = telemetryAt('info');
  telemetry.on('app.stopped', () => {
    throw new Error('broken reader');
  });
  telemetry.emit('app.stopped', {});
  expect(lines.at(-1)).toMatchObject({ msg: 'telemetry.failed', event: 'app.stopped', level: 'error' });
});
