// A real PostgreSQL 18 out of an npm package, for a machine that has Node and nothing else.
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres';
export { EmbeddedPostgresError } from './errors';
