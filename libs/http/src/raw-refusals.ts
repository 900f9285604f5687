// Answers on the bare socket: to what is not HTTP, did not arrive in time, or wants the connection for itself.
import type { Socket } from 'node:net';
import { Problem, type ProblemDefinition } from './problem';
import { headersTooLarge, malformedRequest, methodNotAllowed, requestTimeout } from './problems';

export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  end(
    socket,
    error.code === 'HPE_HEADER_OVERFLOW'
      ? headersTooLarge.definition
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? requestTimeout.definition
        : malformedRequest.definition,
  );
}

/** CONNECT: Node hands the socket over, and closes it without a word if nobody takes it. */
export function refuseTunnel(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  end(socket, methodNotAllowed.definition, 'allow: \r\n');
}

function end(socket: Socket, definition: ProblemDefinition, more = ''): void {
  const body = JSON.stringify(new Problem(definition, `${definition.title}.`).toDocument());
  socket.end(
    `HTTP/1.1 ${definition.status} Refused\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n${more}` +
      `x-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
