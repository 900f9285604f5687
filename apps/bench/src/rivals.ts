// The servers that Floodgate is measured beside, each as its users would write it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinned, serve } from './child';
import type { Contestant } from './contest';
import { baseline } from './paths';
import type { Reply } from './requests';
import { startService } from './service';
import type { World } from './world';

export const FLOODGATE = 'Floodgate';
export const NODE_HTTP = 'node:http';
export const FASTIFY = 'Fastify, constant';
export const FASTIFY_PG = 'Fastify + pg';
export const FASTIFY_PG_CACHED = 'Fastify + pg, 200 ms cache';
export const NEST = 'Nest + TypeORM';
export const NEST_MEMORY = 'CacheInterceptor, memory';
export const NEST_REDIS = 'CacheInterceptor, Redis';

/** Long enough for nothing to run out while reads alone are measured. */
export const FOR_EVER_MS = 3_600_000;
const LISTENING = /listening on (http:\S+)/;
/** Node writes these itself. */
const OF_CONNECTION = ['date', 'connection', 'keep-alive'];

const rival = (name: string, script: string, ...args: readonly string[]): Contestant => ({
  name,
  start: () => serve(pinned(baseline(script), args), LISTENING),
});

export const floodgate = (world: World, environment?: NodeJS.ProcessEnv): Contestant => ({
  name: FLOODGATE,
  start: () => startService(world, { environment }),
});

/** @param reply what it always says */
export function nodeHttp({ directory }: World, reply: Reply): Contestant {
  return rival(NODE_HTTP, 'node-http', answerFile(directory, reply));
}

export function fastifyConstant({ directory }: World, reply: Reply): Contestant {
  return rival(FASTIFY, 'fastify-constant', answerFile(directory, reply));
}

export const fastifyPg = ({ ownerId }: World, databaseUrl: string, ttlMs = 0): Contestant =>
  rival(ttlMs === 0 ? FASTIFY_PG : FASTIFY_PG_CACHED, 'fastify-pg', databaseUrl, ownerId, String(ttlMs));

export const nest = ({ ownerId }: World, databaseUrl: string): Contestant =>
  rival(NEST, 'nest-typeorm', databaseUrl, ownerId, 'none', '0');

export const nestInMemory = ({ ownerId }: World, databaseUrl: string, ttlMs = FOR_EVER_MS): Contestant =>
  rival(NEST_MEMORY, 'nest-typeorm', databaseUrl, ownerId, 'memory', String(ttlMs));

export const nestOnRedis = ({ ownerId, redisUrl }: World, databaseUrl: string, ttlMs = FOR_EVER_MS): Contestant =>
  rival(NEST_REDIS, 'nest-typeorm', databaseUrl, ownerId, redisUrl, String(ttlMs));

let answers = 0;
function answerFile(directory: string, { status, headers, body }: Reply): string {
  const file = join(directory, `${answers++}.answer`);
  const isText = headers['content-encoding'] === undefined;
  const repeated = Object.fromEntries(Object.entries(headers).filter(([header]) => !OF_CONNECTION.includes(header)));
  const answer = { status, headers: repeated, body: body.toString(isText ? 'utf8' : 'base64'), isText };
  writeFileSync(file, JSON.stringify(answer));
  return file;
}
