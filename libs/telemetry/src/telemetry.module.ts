// Wires events, log and metrics for the whole application. Nothing here stays open, so nothing has to be closed.
import { Module, type DynamicModule } from '@nestjs/common';
import { Telemetry } from './events';
import { createLogger, type Logger, type LogLevel } from './log';
import { logEvents } from './log-events';
import { Metrics } from './metrics';

/** Injection token of the logger; `Telemetry` and `Metrics` are their own. */
export const LOGGER = Symbol('logger');

@Module({})
export class TelemetryModule {
  /** `logger` is for those who have made one already, to speak before the application exists. */
  static with({ logLevel, logger }: { readonly logLevel: LogLevel; readonly logger?: Logger }): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      providers: [
        { provide: LOGGER, useFactory: () => logger ?? createLogger({ logLevel }) },
        { provide: Telemetry, useFactory: createTelemetry, inject: [LOGGER] },
        { provide: Metrics, useFactory: (telemetry: Telemetry) => new Metrics(telemetry), inject: [Telemetry] },
      ],
      exports: [LOGGER, Telemetry, Metrics],
    };
  }
}

function createTelemetry(logger: Logger): Telemetry {
  const telemetry = new Telemetry();
  logEvents(telemetry, logger);
  return telemetry;
}
