// Lets requests in flight end when the server closes, and does not wait for connections that ask nothing.
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Node closes idle connections itself, but neither those that never sent a request nor those whose last answer ends later. */
export function drainOnClose(fastify: FastifyInstance): void {
  const inFlight = new Map<Socket, number>();
  let isDraining = false;

  fastify.server.on('connection', (socket) => {
    inFlight.set(socket, 0);
    socket.once('close', () => inFlight.delete(socket));
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    // A request that was injected has no connection.
    if (!inFlight.has(socket)) return done();
    inFlight.set(socket, (inFlight.get(socket) ?? 0) + 1);
    reply.raw.once('close', () => {
      const left = (inFlight.get(socket) ?? 1) - 1;
      if (inFlight.has(socket)) inFlight.set(socket, left);
      if (isDraining && left === 0) socket.end();
    });
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('preClose', (done) => {
    isDraining = true;
    for (const [socket, requests] of inFlight) {
      // What was answered in front of the router may still be on its way.
      if (requests > 0) continue;
      if (socket.writableLength > 0) socket.end();
      else socket.destroy();
    }
    done();
  });
}
