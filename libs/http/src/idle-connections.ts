// Closes connections that ask nothing for too long: by a look at all of them now and then, not by a timer for each answer.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface IdleSettings {
  /** Milliseconds between two looks; a connection stays open for at most this much longer than its server says. */
  readonly lookEveryMs: number;
}

interface Rest {
  /** Milliseconds for which the connection may stay idle; 0 while it is not. */
  allowedMs: number;
  /** Looks that found it idle since its last answer. */
  looks: number;
}

/**
 * Node makes a timer after each answer and drops it at the next request, which is a twentieth of what an answer from
 * memory costs. Here both calls only note something.
 */
export function closeIdleConnections(server: Server, { lookEveryMs }: IdleSettings): void {
  const rests = new Map<Socket, Rest>();
  server.on('connection', (socket) => {
    const rest: Rest = { allowedMs: 0, looks: 0 };
    rests.set(socket, rest);
    socket.once('close', () => rests.delete(socket));
    socket.setTimeout = (allowedMs) => {
      rest.allowedMs = allowedMs;
      rest.looks = 0;
      return socket;
    };
  });
  const look = setInterval(() => {
    for (const [socket, rest] of rests)
      if (rest.allowedMs > 0 && ++rest.looks > rest.allowedMs / lookEveryMs) socket.destroy();
  }, lookEveryMs).unref();
  server.once('close', () => clearInterval(look));
}
