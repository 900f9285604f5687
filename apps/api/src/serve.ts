// One process that serves: creates the application, listens, and tells where.
import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import type { Config } from '@app/config';
import { atStart, Connection, Database } from '@app/database';
import { type AdminServer, Metrics, startAdminServer, Telemetry } from '@app/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { banner } from './banner';
import { createApp } from './create-app';
import { type EmbeddedWorker, startEmbeddedWorker } from './embedded-worker';
import { fail, reasonOf } from './failure';
import { ensureFirstAccounts } from './first-accounts';
import { leaveOnSignal } from './leave';
import { openResources } from './resources';
import { mayListen } from './supervisor-word';
import { watchDatabase } from './watch-database';

/** The worker that starts alone. */
const FIRST = 1;

/** Ends the process with the reason if it can't. */
export async function serve(config: Config): Promise<void> {
  const resources = await openResources(config, fail);
  let admin: AdminServer | undefined;
  let worker: EmbeddedWorker | undefined;
  let app: NestFastifyApplication | undefined;
  try {
    const nest = (app = await createApp(resources.settings));
    leaveOnSignal(nest, {
      delayMs: config.drainDelayMs,
      beside: async () => worker?.stop(),
      release: async () => {
        await admin?.close();
        await resources.release();
      },
    });
    await nest.init();
    const metrics = nest.get(Metrics);
    const database = nest.get(Database);
    watchDatabase(metrics, database);
    if (cluster.isWorker) {
      metrics.reportToSupervisor();
      await mayListen(nest.get(Connection));
    }
    // A given database that is absent gets its administrator when it comes.
    const accounts = await atStart(database, () => ensureFirstAccounts(nest, config), { onFailure: fail });
    if (!cluster.isWorker && config.adminPort !== null)
      admin = await startAdminServer({ port: config.adminPort, host: config.adminHost, metrics });
    await nest.getHttpAdapter().getInstance().listen({ port: config.port, host: config.host });
    // Of several processes, the supervisor starts it.
    if (config.embedded && !cluster.isWorker) worker = startEmbeddedWorker();
    const url = urlOf(nest);
    const telemetry = nest.get(Telemetry);
    telemetry.emit('app.listening', { url });
    if (!config.embedded && config.smtpUrl === undefined)
      telemetry.emit('mail.off', { remedy: 'Mails are not sent: set SMTP_URL and MAIL_FROM.' });
    const isOneOfMany = cluster.isWorker && cluster.worker?.id !== FIRST;
    if (config.embedded && !isOneOfMany)
      process.stdout.write(banner(config, { url, adminPort: admin?.port, ...accounts }));
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    await admin?.close();
    await worker?.stop();
    await app?.close().catch(() => undefined);
    await resources.release();
    process.exit(1);
  }
}

function urlOf(app: NestFastifyApplication): string {
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
