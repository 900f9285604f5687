// Lets requests in flight end when the server closes, and does not wait for connections that ask nothing.
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const inFlight = new WeakMap<Socket, number>();

/** What is answered in front of the router, but not at once, must be counted there. */
export const holdConnection = (socket: Socket): void => void inFlight.set(socket, (inFlight.get(socket) ?? 0) + 1);

export const releaseConnection = (socket: Socket): void => void inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1);

/** Node closes idle connections itself, but neither those that never sent a request nor those whose last answer ends later. */
export function drainOnClose(fastify: FastifyInstance): void {
  const connections = new Set<Socket>();
  let isDraining = false;

  fastify.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    // A request that was injected has no connection.
    if (!connections.has(socket)) return done();
    holdConnection(socket);
    reply.raw.once('close', () => {
      releaseConnection(socket);
      if (isDraining && inFlight.get(socket) === 0) socket.end();
    });
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('preClose', (done) => {
    isDraining = true;
    for (const socket of connections) {
      if ((inFlight.get(socket) ?? 0) > 0) continue;
      // What was answered in front of the router may still be on its way.
      if (socket.writableLength > 0) socket.end();
      else socket.destroy();
    }
    done();
  });
}
