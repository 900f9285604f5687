// How an instance leaves: it says so, lets requests in flight end, and does not wait for connections that ask nothing.
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const inFlight = new WeakMap<Socket, number>();

/** What is answered in front of the router, but not at once, must be counted there. */
export const holdConnection = (socket: Socket): void => void inFlight.set(socket, (inFlight.get(socket) ?? 0) + 1);

export const releaseConnection = (socket: Socket): void => void inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1);

/** One for each server. */
export class Drain {
  private isBegun = false;
  private readonly connections = new Set<Socket>();
  private readonly listeners: (() => void)[] = [];

  /** From the beginning on, readiness is refused and each answer ends its connection; what still comes is answered all the same. */
  get isDraining(): boolean {
    return this.isBegun;
  }

  /** Calls the listener when it begins. */
  onBegin(listener: () => void): void {
    this.listeners.push(listener);
  }

  begin(): void {
    if (this.isBegun) return;
    this.isBegun = true;
    for (const tell of this.listeners) tell();
  }

  /** Ends what has not ended by itself: long downloads, slow uploads, streams without an end. */
  cut(): void {
    for (const socket of this.connections) socket.destroy();
  }

  /** Node closes idle connections itself, but neither those that never sent a request nor those whose last answer ends later. */
  watch(fastify: FastifyInstance): void {
    const { connections } = this;
    let isClosing = false;
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
        if (isClosing && inFlight.get(socket) === 0) socket.end();
      });
      done();
    });
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (this.isBegun) void reply.header('connection', 'close');
      done(null, payload);
    });
    fastify.addHook('preClose', (done) => {
      isClosing = true;
      for (const socket of connections) {
        if ((inFlight.get(socket) ?? 0) > 0) continue;
        // What was answered in front of the router may still be on its way.
        if (socket.writableLength > 0) socket.end();
        else socket.destroy();
      }
      done();
    });
  }
}
