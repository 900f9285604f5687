// A write answers with a token; a read that carries it never misses that write, whichever instance it reaches.
import { type ChangeFeed, type Committed, type Database } from '@app/database';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { databaseUnavailable, refuseParameters } from './problems';

/** The id of a transaction. */
export const CONSISTENCY_TOKEN = /^[1-9]\d{0,15}$/;

declare module 'fastify' {
  interface FastifyRequest {
    committed?: Committed;
  }
}

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

export function keepConsistent(fastify: FastifyInstance, database: Database, changeFeed: ChangeFeed): void {
  fastify.addHook('preHandler', (request, reply, done) => {
    const { operation } = request.routeOptions.config;
    if (operation === undefined || operation.isUnstored) return done();
    if (!isRead(request.method)) {
      const answered = new Promise((resolve) => reply.raw.once('close', resolve));
      void database.witness((request.committed = {}), () => (done(), answered));
      return;
    }
    const token = request.headers['consistency-token'];
    if (token === undefined) return done();
    wait(changeFeed, token).then(() => done(), done);
  });
  fastify.addHook('onSend', (request: FastifyRequest, reply, payload, done) => {
    const { xid } = request.committed ?? {};
    if (xid !== undefined) void reply.header('consistency-token', String(xid));
    done(null, payload);
  });
}

/** The transaction was committed before its token was given: a feed that has looked since and does not see it never will. */
async function wait(changeFeed: ChangeFeed, token: string | string[]): Promise<void> {
  if (typeof token === 'string' && CONSISTENCY_TOKEN.test(token)) {
    const askedAt = performance.now();
    if (await changeFeed.reach(Number(token))) return;
    if (changeFeed.lagMs > performance.now() - askedAt)
      databaseUnavailable('It cannot be told at the moment whether this write is there; try again.');
  }
  refuseParameters([
    { code: 'wrong_format', detail: 'is not a token that this service gave', parameter: 'Consistency-Token' },
  ]);
}
