// Closes connections that ask nothing, or take nothing of their answer, for too long: by a look at all of them now and then, not by a timer for each answer.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface IdleSettings {
  /** Milliseconds between two looks; a connection stays open for at most this much longer than its server says. */
  readonly lookEveryMs: number;
  /** Milliseconds for which a client may take nothing of what there is for it. */
  readonly stallMs: number;
}

interface Rest {
  /** Milliseconds for which the connection may stay idle; 0 while it is not. */
  allowedMs: number;
  /** Looks that found it idle since its last answer. */
  looks: number;
  /** Bytes that were sent as of the last look. */
  sent: number;
  /** Looks that found something to send, and no more sent than the look before. */
  stalls: number;
}

/** What Node's own timeout goes by: all else counts a write as a whole, and so takes a slow reader for one who reads nothing. */
interface Handled {
  readonly _handle?: { readonly bytesWritten: number; readonly writeQueueSize: number } | null;
}

/**
 * Node makes a timer after each answer and drops it at the next request, which is a twentieth of what an answer from
 * memory costs. Here both calls only note something.
 */
export function closeIdleConnections(server: Server, { lookEveryMs, stallMs }: IdleSettings): void {
  const rests = new Map<Socket, Rest>();
  server.on('connection', (socket) => {
    const rest: Rest = { allowedMs: 0, looks: 0, sent: 0, stalls: 0 };
    rests.set(socket, rest);
    socket.once('close', () => rests.delete(socket));
    socket.setTimeout = (allowedMs) => {
      rest.allowedMs = allowedMs;
      rest.looks = 0;
      return socket;
    };
  });
  const look = setInterval(() => {
    for (const [socket, rest] of rests) {
      const isIdle = rest.allowedMs > 0 && ++rest.looks > rest.allowedMs / lookEveryMs;
      if (isIdle || stallsOf(socket, rest) > stallMs / lookEveryMs) socket.destroy();
    }
  }, lookEveryMs).unref();
  server.once('close', () => clearInterval(look));
}

function stallsOf(socket: Socket, rest: Rest): number {
  // A stream of events that has nothing to tell is not waiting for its client.
  if (socket.writableLength === 0) return (rest.stalls = 0);
  const { _handle: handle } = socket as Handled;
  // Not a number, and hence never the same as before, where Node does not say.
  const sent = handle ? handle.bytesWritten - handle.writeQueueSize : NaN;
  rest.stalls = sent === rest.sent ? rest.stalls + 1 : 0;
  rest.sent = sent;
  return rest.stalls;
}
