import { createLogger, type LogLevel } from './log';

const canary = 'canary-51e0b2';

function logInto(lines: string[], { logLevel, isTTY }: { logLevel?: LogLevel; isTTY?: boolean } = {}) {
  const destination = { isTTY, write: (line: string) => void lines.push(line) };
  return createLogger({ logLevel: logLevel ?? 'info', destination });
}

test('an event is one JSON line with an ISO time and the name of its level', () => {
  const lines: string[] = [];
  logInto(lines).warn({ attempt: 2 }, 'two\nlines');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  const line = JSON.parse(lines[0]!) as Record<string, string>;
  expect(line).toMatchObject({ level: 'warn', msg: 'two\nlines', attempt: 2, pid: process.pid });
  expect(new Date(line['time']!).toISOString()).toBe(line['time']);
});

test('lines below the level are not written, silent writes none', () => {
  const lines: string[] = [];
  logInto(lines).debug('quiet');
  logInto(lines, { logLevel: 'silent' }).fatal('quiet');
  expect(lines).toEqual([]);
});

test('an error alone brings its message, as a field it brings its causes', () => {
  const lines: string[] = [];
  const error = new Error('outer', { cause: new Error('inner') });
  logInto(lines).error(error);
  logInto(lines).error({ error }, 'said otherwise');
  const [alone, asField] = lines.map((line) => JSON.parse(line) as object);
  expect(alone).toMatchObject({ msg: 'outer', error: { type: 'Error', cause: { message: 'inner' } } });
  expect(asField).toMatchObject({ msg: 'said otherwise', error: { message: 'outer', cause: { message: 'inner' } } });
});

test.each([false, true])('no way of calling it lets a secret through (terminal: %p)', (isTTY) => {
  const lines: string[] = [];
  const logger = logInto(lines, { isTTY });
  const url = `postgres://user:${canary}@db`;
  const refused = Object.assign(new Error(`cannot reach ${url}`), { parameters: [canary] });
  logger.info({ body: { password: canary } });
  logger.info(`cannot reach ${url}`);
  logger.info('%s and %j', url, { token: canary });
  logger.info(refused);
  logger.info({ err: refused, error: new Error('outer', { cause: refused }) }, url);
  expect(lines).toHaveLength(5);
  expect(lines.join('')).not.toContain(canary);
  expect(lines.every((line) => line.includes('[redacted]'))).toBe(true);
});

test('on a terminal a line is for reading', () => {
  const lines: string[] = [];
  logInto(lines, { isTTY: true }).info({ url: 'http://localhost:3000' }, 'app.listening');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] .*INFO.*app\.listening.*http:\/\/localhost:3000/);
  expect(lines[0]).not.toMatch(/^{/);
});
