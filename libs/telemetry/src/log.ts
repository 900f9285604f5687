// The logger: one JSON line an event, readable on a terminal, and nothing passes it without being redacted.
import pino, { type DestinationStream, type LevelWithSilent, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { isError, redact } from './redact';

export type { Logger } from 'pino';
export type LogLevel = LevelWithSilent;

export interface LoggerOptions {
  readonly logLevel: LogLevel;
  /** Standard output when absent. */
  readonly destination?: DestinationStream & { readonly isTTY?: boolean };
}

/** Lines are written before the call returns, so that the last words of a crash are kept. */
export function createLogger({ logLevel, destination }: LoggerOptions): Logger {
  const output = destination ?? process.stdout;
  return pino(
    {
      level: logLevel,
      timestamp: pino.stdTimeFunctions.isoTime,
      errorKey: 'error',
      formatters: { level: (label) => ({ level: label }), bindings: (bindings) => redact(bindings) as object },
      // An error has become a plain object before pino's own serializer would see it.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod([first, ...rest]: unknown[], write) {
          const redacted = [isError(first) ? { error: first } : first, ...rest].map(redact);
          write.apply(this, redacted as Parameters<typeof write>);
        },
      },
    },
    output.isTTY ? readable(output) : destination,
  );
}

function readable(terminal: DestinationStream): DestinationStream {
  const format = prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return { write: (line) => terminal.write(format(line) ?? line) };
}
