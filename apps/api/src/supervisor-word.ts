// When a worker may listen: with a share of the connections, or at its supervisor's word.
import type { Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@app/database';

const WAITS = 'floodgate:waits';
const LISTEN = 'floodgate:listen';
const LOOK_MS = 50;

interface Word {
  readonly type?: string;
}

/** Calls when that worker begins to wait. */
export function onWaiting(worker: Worker, waits: () => void): void {
  worker.on('message', ({ type }: Word) => type === WAITS && waits());
}

/** To one that waits: nobody else listens, and somebody has to say that the service is not ready. */
export function listenAnyway(worker: Worker): void {
  worker.send({ type: LISTEN });
}

/** In a worker. A balancer leaves out who is not ready; here, whoever listens gets its part of all connections. */
export async function mayListen(connection: Connection): Promise<void> {
  if (!connection.isTurnedAway) return;
  let isTold = false;
  const hear = ({ type }: Word): void => void (isTold ||= type === LISTEN);
  // What was said before somebody hears is lost: only now can it be told.
  process.on('message', hear);
  process.send?.({ type: WAITS });
  while (connection.isTurnedAway && !isTold) await delay(LOOK_MS);
  process.off('message', hear);
}
