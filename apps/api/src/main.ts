import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { type Config, loadConfig } from '@app/config';
import { Database } from '@app/database';
import { type AdminServer, Metrics, startAdminServer, Telemetry } from '@app/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { banner } from './banner';
import { createApp } from './create-app';
import { fail, reasonOf } from './failure';
import { ensureFirstAccounts, type FirstAccounts } from './first-accounts';
import { openResources, type Resources } from './resources';

/** A drain that takes longer is cut off. */
const DRAIN_MS = 15_000;
/** Of what is alive, in per cent: left to itself, V8 lets three times as much die before it collects it. */
const MAX_DEAD = 100;

async function start(config: Config): Promise<void> {
  const resources = await openResources(config, fail);
  let admin: AdminServer | undefined;
  let app: NestFastifyApplication | undefined;
  try {
    app = await createApp(resources.settings);
    stopOnSignal(app, resources, () => admin?.close());
    await app.init();
    const metrics = app.get(Metrics);
    const database = app.get(Database);
    metrics.watchPool(() => database.poolState());
    metrics.watchLanes(() => database.lanes.counts);
    const { generatedPassword } = await firstAccounts(app, config);
    if (config.adminPort !== null) admin = await startAdminServer({ port: config.adminPort, metrics });
    await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
    const url = urlOf(app);
    const telemetry = app.get(Telemetry);
    telemetry.emit('app.listening', { url });
    if (!config.embedded && config.smtpUrl === undefined)
      telemetry.emit('mail.off', { remedy: 'Mails are not sent: set SMTP_URL and MAIL_FROM.' });
    if (config.embedded) process.stdout.write(banner(config, { url, adminPort: admin?.port, generatedPassword }));
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    await admin?.close();
    await app?.close().catch(() => undefined);
    await resources.release();
    process.exit(1);
  }
}

/** At once if the database is there; a given one that is absent gets its administrator when it comes. */
async function firstAccounts(app: NestFastifyApplication, config: Config): Promise<FirstAccounts> {
  if (app.get(Database).dataSource.isInitialized) return ensureFirstAccounts(app, config);
  const unsubscribe = app.get(Telemetry).on('database.connected', () => {
    unsubscribe();
    void ensureFirstAccounts(app, config).catch(fail);
  });
  return {};
}

function stopOnSignal(
  app: NestFastifyApplication,
  resources: Resources,
  closeAdmin: () => Promise<void> | undefined,
): void {
  const stop = async (signal: NodeJS.Signals) => {
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    const telemetry = app.get(Telemetry);
    telemetry.emit('app.draining', { signal });
    await app.close();
    await closeAdmin();
    await resources.release();
    telemetry.emit('app.stopped', {});
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(signal).catch(fail));
}

function urlOf(app: NestFastifyApplication): string {
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

setFlagsFromString(`--heap-growing-percent=${MAX_DEAD}`);
let config: Config;
try {
  config = loadConfig();
} catch (error) {
  fail(error);
}
start(config).catch(fail);
