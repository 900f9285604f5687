// One process that serves: creates the application, listens, and tells where.
import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import type { Config } from '@app/config';
import { Database } from '@app/database';
import { type AdminServer, Metrics, startAdminServer, Telemetry } from '@app/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { banner } from './banner';
import { createApp } from './create-app';
import { type EmbeddedWorker, startEmbeddedWorker } from './embedded-worker';
import { fail, reasonOf } from './failure';
import { ensureFirstAccounts, type FirstAccounts } from './first-accounts';
import { leaveOnSignal } from './leave';
import { openResources } from './resources';

/** The worker that starts alone. */
const FIRST = 1;

/** Ends the process with the reason if it can't. */
export async function serve(config: Config): Promise<void> {
  const resources = await openResources(config, fail);
  let admin: AdminServer | undefined;
  let worker: EmbeddedWorker | undefined;
  let app: NestFastifyApplication | undefined;
  try {
    app = await createApp(resources.settings);
    leaveOnSignal(app, {
      delayMs: config.drainDelayMs,
      release: async () => {
        await Promise.all([admin?.close(), worker?.stop()]);
        await resources.release();
      },
    });
    await app.init();
    const metrics = app.get(Metrics);
    const database = app.get(Database);
    metrics.watchPool(() => database.poolState());
    metrics.watchLanes(() => database.lanes.counts);
    const { generatedPassword } = await firstAccounts(app, config);
    if (cluster.isWorker) metrics.reportToSupervisor();
    else if (config.adminPort !== null) admin = await startAdminServer({ port: config.adminPort, metrics });
    await app.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
    if (config.embedded) worker = startEmbeddedWorker();
    const url = urlOf(app);
    const telemetry = app.get(Telemetry);
    telemetry.emit('app.listening', { url });
    if (!config.embedded && config.smtpUrl === undefined)
      telemetry.emit('mail.off', { remedy: 'Mails are not sent: set SMTP_URL and MAIL_FROM.' });
    const isOneOfMany = cluster.isWorker && cluster.worker?.id !== FIRST;
    if (config.embedded && !isOneOfMany)
      process.stdout.write(banner(config, { url, adminPort: admin?.port, generatedPassword }));
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    await admin?.close();
    await worker?.stop();
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

function urlOf(app: NestFastifyApplication): string {
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
