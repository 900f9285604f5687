// Stops a statement that is under way, as PostgreSQL wants it: by a request on a connection of its own.
import { type ClientBase, Client } from 'pg';
import type { Lifetime } from './lifetime';

/** Milliseconds; what cannot be cancelled in time ends with its own limit. */
const PATIENCE = 1_000;

/** Of pg's client and connection, what its types leave out. */
interface Reached {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean | object;
  readonly processID: number;
  readonly secretKey: number;
}

interface Wire {
  connect(port: number | string, host?: string): void;
  cancel(processId: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): void;
  readonly stream: { destroy(): void };
}

/** Resolves once the server has been told, or cannot be; until then the connection must not be given to anybody else. */
async function cancel(client: ClientBase): Promise<void> {
  const { host, port, ssl, processID, secretKey } = client as unknown as Reached;
  const { connection } = new Client({ host, port, ssl: ssl as boolean }) as unknown as { connection: Wire };
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    const end = (): void => (clearTimeout(timer), resolve());
    const tell = (): void => connection.cancel(processID, secretKey);
    // The server closes the connection when it has passed the request on.
    for (const event of ['end', 'error'] as const) connection.on(event, end);
    for (const event of ssl ? (['sslconnect'] as const) : (['connect'] as const)) connection.on(event, tell);
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
  connection.stream.destroy();
}

/** Does the work on a connection; when the lifetime ends, the statement that is under way there is cancelled. */
export async function cancellable<T>(
  client: ClientBase,
  lifetime: Lifetime | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (lifetime === undefined) return work();
  lifetime.assertGoesOn();
  let cancelled: Promise<void> | undefined;
  const stay = lifetime.onEnd(() => void (cancelled = cancel(client)));
  try {
    return await work();
  } finally {
    stay();
    if (cancelled) await cancelled;
  }
}
