// The race for the server of a directory: PostgreSQL's own lock file lets one process start it, the others join.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries';
import { SUPERUSER, type Cluster } from './cluster';
import { complaintIn, EmbeddedPostgresError, explainOutput } from './errors';
import type { Home } from './home';
import { launch, logPathOf, type Launch, type Settings } from './launch';
import { findPostmaster, POLL_MS } from './postmaster';
import { Watch } from './watch';

/** Long enough for the repair of a database that was killed under load. */
const START_TIMEOUT_MS = 60_000;
const MAX_FAILURES = 100;
const RELAUNCH_AFTER_MS = 50;
/** Another process was faster; the backends of a killed server are about to end; somebody took the port. */
const PASSING = /lock file "postmaster\.pid"|pre-existing shared memory block|could not create any TCP\/IP sockets/;

export interface Server {
  readonly watch: Watch;
  readonly port: number;
  readonly joined: boolean;
}

export async function joinOrStart(
  home: Home,
  binaries: Binaries,
  cluster: Cluster,
  settings: Settings,
): Promise<Server> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let own: Launch | undefined;
  let failures = 0;
  let trouble = 'it is still starting';

  while (Date.now() < deadline && failures < MAX_FAILURES) {
    const postmaster = await findPostmaster(cluster.dataFolder, own?.hasExited ? undefined : own?.pid);
    if (postmaster?.isReady) {
      const watch = await claim(cluster, postmaster.port);
      if (watch instanceof Watch) return { watch, port: postmaster.port, joined: postmaster.pid !== own?.pid };
      trouble = watch.message;
    } else if (!postmaster && own?.hasExited) {
      trouble = await examine(own, home);
      own = undefined;
      failures++;
      await sleep(RELAUNCH_AFTER_MS);
    } else if (!postmaster && !own) {
      own = await launch(home, binaries, cluster.dataFolder, settings);
    }
    await sleep(POLL_MS);
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL did not become ready (${trouble}): see ${logPathOf(home)}, and try again`,
  );
}

export function urlOf({ password }: Cluster, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

/** An error that is answered, not thrown, passes: the server is just stopping, or repairs itself. */
async function claim(cluster: Cluster, port: number): Promise<Watch | Error> {
  try {
    return await Watch.open(urlOf(cluster, port, 'postgres'));
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    // Class 28: invalid authorization.
    if (!code?.startsWith('28')) return error as Error;
    throw new EmbeddedPostgresError(
      `PostgreSQL on port ${port} refuses the password beside ${cluster.dataFolder} (${message}): put the file \`password\` back, or choose another folder with DATA_DIR`,
    );
  }
}

async function examine(own: Launch, home: Home): Promise<string> {
  const output = await own.readOutput();
  if (own.hasFailed && !PASSING.test(output)) throw explainOutput('postgres', output, home.directory);
  return complaintIn(output);
}
