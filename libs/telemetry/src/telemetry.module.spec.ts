import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Telemetry } from './events';
import { createLogger } from './log';
import { Metrics } from './metrics';
import { LOGGER, TelemetryModule } from './telemetry.module';

@Injectable()
class Speaker {
  constructor(readonly telemetry: Telemetry) {}
}

@Module({ providers: [Speaker] })
class Feature {}

function start(lines: string[]) {
  const logger = createLogger({ logLevel: 'info', destination: { write: (line: string) => void lines.push(line) } });
  @Module({ imports: [TelemetryModule.with({ logLevel: 'info', logger }), Feature] })
  class App {}
  return NestFactory.createApplicationContext(App, { logger: false });
}

test('every module may tell events, which reach the log and the metrics, also after the application has closed', async () => {
  const lines: string[] = [];
  const app = await start(lines);
  const { telemetry } = app.get(Speaker, { strict: false });
  telemetry.emit('http.answered', { requestId: 'r', method: 'GET', route: '/x', status: 503, durationMs: 1 });
  expect(await app.get(Metrics).text()).toContain('http_request_duration_seconds_count');
  await app.close();
  telemetry.emit('app.stopped', {});
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['http.answered', 'app.stopped']);
});

test('two applications in one process share nothing', async () => {
  const [lines, otherLines]: [string[], string[]] = [[], []];
  const [app, other] = [await start(lines), await start(otherLines)];
  app.get(Telemetry).emit('app.stopped', {});
  expect([lines.length, otherLines.length]).toEqual([1, 0]);
  expect(app.get(Metrics)).not.toBe(other.get(Metrics));
  await Promise.all([app.close(), other.close()]);
});

test('it makes a logger of the level when it gets none', async () => {
  @Module({ imports: [TelemetryModule.with({ logLevel: 'error' })] })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  expect(app.get<{ level: string }>(LOGGER).level).toBe('error');
  await app.close();
});
