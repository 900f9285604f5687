// Bounds how many requests wait on one connection: a packet holds thousands, and all of them would be worked on in one turn.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problem';
import { malformedRequest } from './problems';

export const MAX_PIPELINED = 32;

const waiting = new WeakMap<Socket, number>();

/** Whether the request is one too many; then it is refused after those before it, and the connection ends. */
export function isOneTooMany({ socket }: IncomingMessage, response: ServerResponse): boolean {
  // Node gives an answer its socket once the answers before it are sent.
  if (response.socket !== null) return false;
  const count = (waiting.get(socket) ?? 0) + 1;
  waiting.set(socket, count);
  if (count < MAX_PIPELINED) {
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return false;
  }
  // What comes after it is never answered, since this one is the last.
  if (count === MAX_PIPELINED) refuse(response);
  return true;
}

function refuse(response: ServerResponse): void {
  const { definition } = malformedRequest;
  const problem = new Problem(definition, `At most ${MAX_PIPELINED} requests may wait on one connection.`);
  response.writeHead(definition.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(JSON.stringify(problem.toDocument()));
}
