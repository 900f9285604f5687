// Opens the database of a directory for one user of it, and switches the server off behind the last one.
import { resolve } from 'node:path';
import { prepareBinaries } from './binaries';
import { openCluster } from './cluster';
import { explain } from './errors';
import { openHome } from './home';
import type { Settings } from './launch';
import { stopPostmaster } from './postmaster';
import { runProgram } from './program';
import { joinOrStart, urlOf } from './server';

export interface EmbeddedPostgresOptions {
  /** Holds the data, the password (mode 0600) and `postgres.log`; made when absent. */
  readonly directory: string;
  /** Created when absent. Default: `floodgate`. */
  readonly database?: string;
  /** Settings of postgresql.conf. Only whoever starts the server sets them: one that is joined keeps its own. */
  readonly settings?: Settings;
}

export interface EmbeddedPostgres {
  /** Connection URL of the superuser `floodgate` on the given database. Contains the password. */
  readonly url: string;
  readonly port: number;
  /** True when the server was already running: somebody else started it, or left it behind when killed. */
  readonly joined: boolean;
  /** Stops the server unless another process uses it. Close the connections first: they are cut. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on the data in `directory`, or joins the server that runs on it. Call `stop` at the end; a process
 * that was killed instead leaves the server running for the next one. Does not keep the process alive.
 * @throws EmbeddedPostgresError with one sentence that says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, database = 'floodgate', settings = {} } = options;
  try {
    return await open(resolve(directory), database, settings);
  } catch (error) {
    throw explain(error, resolve(directory));
  }
}

async function open(directory: string, database: string, settings: Settings): Promise<EmbeddedPostgres> {
  const home = await openHome(directory);
  const binaries = await prepareBinaries(home);
  const cluster = await openCluster(home, binaries);
  const { watch, port, joined } = await joinOrStart(home, binaries, cluster, settings);

  // Windows has no signals: there, a program of PostgreSQL delivers it.
  const interrupt = (pid: number) =>
    process.platform === 'win32'
      ? runProgram(binaries, home, ['pg_ctl', 'kill', 'INT', String(pid)])
      : process.kill(pid, 'SIGINT');
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= watch.release(() => stopPostmaster(cluster.dataFolder, interrupt)));

  try {
    await watch.createDatabase(database);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(cluster, port, database), port, joined, stop };
}
