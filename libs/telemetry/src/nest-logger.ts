// Lets Nest speak through our logger.
import type { LoggerService } from '@nestjs/common';
import type { Level } from 'pino';
import type { Logger } from './log';
import { isError } from './redact';

/** One line for each module and each route at every start: of use only to who looks for it. */
const chattyContexts = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
]);

/** Nest's `verbose` is `trace`, its `log` is `info`, and its talk while it starts is `debug`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...details: unknown[]): void {
    this.write(chattyContexts.has(details.at(-1) as string) ? 'debug' : 'info', message, details);
  }

  fatal(message: unknown, ...details: unknown[]): void {
    this.write('fatal', message, details);
  }

  error(message: unknown, ...details: unknown[]): void {
    this.write('error', message, details);
  }

  warn(message: unknown, ...details: unknown[]): void {
    this.write('warn', message, details);
  }

  debug(message: unknown, ...details: unknown[]): void {
    this.write('debug', message, details);
  }

  verbose(message: unknown, ...details: unknown[]): void {
    this.write('trace', message, details);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    const details = rest.filter((detail) => detail !== undefined);
    const last = details.at(-1);
    // Nest appends the name of who speaks; a stack, which may be last as well, has several lines.
    const context = typeof last === 'string' && !last.includes('\n') ? details.pop() : undefined;
    const fields = { context, details: details.length > 0 ? details : undefined };
    if (isError(message)) this.logger[level]({ ...fields, error: message });
    else if (typeof message === 'string') this.logger[level](fields, message);
    else this.logger[level]({ ...fields, message });
  }
}
