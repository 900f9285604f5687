// The door of telemetry: one list of events; readers turn them into log lines and metrics.
export { startAdminServer, type AdminServer, type AdminServerOptions } from './admin-server';
export { Telemetry, type EventName, type Events, type Reader } from './events';
export { logEvents } from './log-events';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './log';
export { type Backlog, Metrics, type PoolCounts } from './metrics';
export { NestLogger } from './nest-logger';
export { serverTiming } from './server-timing';
export { LOGGER, TelemetryModule } from './telemetry.module';
export { WorkerMetrics } from './worker-metrics';
