import { FASTIFY_PG_CACHED, FLOODGATE, NEST_MEMORY, NEST_REDIS, NODE_HTTP } from '../rivals';

const COLOURS: Readonly<Record<string, string>> = {
  [FLOODGATE]: 'var(--own)',
  [NODE_HTTP]: 'var(--s0)',
  [NEST_MEMORY]: 'var(--s1)',
  [NEST_REDIS]: 'var(--s2)',
  [FASTIFY_PG_CACHED]: 'var(--s3)',
};

/** The same in every picture. */
export const colourOf = (name: string): string => COLOURS[name] ?? 'var(--s4)';
