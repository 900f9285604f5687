// The reader that turns events into log lines: which event is worth which level.
import type { EventName, Telemetry } from './events';
import type { Logger } from './log';

/** What may come with every request is written once in this time. */
const repeatAfterMs = 10_000;

const levels = {
  'http.failed': 'error',
  'telemetry.failed': 'error',
  'database.connected': 'info',
  'redis.connected': 'info',
  'cache.bypassed': 'warn',
  'session.revoked': 'warn',
  'mail.off': 'warn',
  'session.begun': 'info',
  'session.ended': 'info',
  'login.failed': 'warn',
  'password.changed': 'info',
  'email.changed': 'info',
  'account.changed': 'info',
  'account.deleted': 'info',
  'key.created': 'info',
  'key.deleted': 'info',
  'worker.started': 'info',
  'process.fell': 'error',
  'app.listening': 'info',
  'app.draining': 'info',
  'app.stopped': 'info',
  'database.statement': 'debug',
} as const satisfies Partial<Record<EventName, string>>;

/**
 * The event's name is the message, the payload its fields. Answers are lines at `debug`; at `info` only those with
 * status ≥ 500 leave a warning, at most one in 10 s, as do each kind of loss and refused access, which nothing else bounds;
 * `suppressed` counts what was left out.
 */
export function logEvents(telemetry: Telemetry, logger: Logger): void {
  for (const name of Object.keys(levels) as (keyof typeof levels)[]) {
    const level = levels[name];
    if (logger.isLevelEnabled(level)) telemetry.on(name, (payload) => logger[level](payload, name));
  }

  telemetry.on('database.lost', seldom('database.lost', logger));
  telemetry.on('redis.lost', seldom('redis.lost', logger));
  telemetry.on('changes.lost', seldom('changes.lost', logger));
  telemetry.on('job.failed', seldom('job.failed', logger));
  telemetry.on('load.refused', seldom('load.refused', logger));
  telemetry.on('mail.failed', seldom('mail.failed', logger));
  telemetry.on('access.refused', seldom('access.refused', logger));

  const warnOfFailure = seldom('http.answered', logger);
  telemetry.on('http.answered', (answer) => {
    if (answer.status >= 500) warnOfFailure(answer);
    else logger.debug(answer, 'http.answered');
  });
}

function seldom(name: EventName, logger: Logger): (payload: object) => void {
  let quietUntilMs = 0;
  let suppressed = 0;
  return (payload) => {
    const nowMs = performance.now();
    if (nowMs < quietUntilMs) {
      suppressed += 1;
      return;
    }
    logger.warn({ ...payload, suppressed }, name);
    quietUntilMs = nowMs + repeatAfterMs;
    suppressed = 0;
  };
}
