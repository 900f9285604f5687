// The logger: one JSON line an event, readable on a terminal, and nothing passes it without being redacted.
import pino, { type DestinationStream, type Level, type LevelWithSilent } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { isError, redact } from './redact';

/** pino's logger without `child`, whose bindings would reach the line unredacted. */
export type Logger = Pick<pino.Logger, Level | 'isLevelEnabled'>;
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
      formatters: { level: (label) => ({ level: label }) },
      // An error has become a plain object before pino's own serializer would see it.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod([first, ...rest]: unknown[], write) {
          const redacted = [isError(first) ? { error: first } : first, ...rest].map(redact);
          write.apply(this, redacted as Parameters<typeof write>);
        },
      },
    },
    output.isTTY ? readable(output) : (destination ?? standardOutput()),
  );
}

function readable(terminal: DestinationStream): DestinationStream {
  const format = prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return { write: (line) => terminal.write(format(line) ?? line) };
}

/** Not pino's own default: that one is asynchronous, and when the reader of the pipe is gone it never lets Node exit. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: 1024 * 1024 });
  // A full disk must not fail whoever logs.
  output.on('error', () => undefined);
  return output;
}
