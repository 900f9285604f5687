// The variables that say which PostgreSQL is used, and how.
import { url } from './address-parsers';
import { orOff, trueOrFalse, wholeNumber } from './parsers';
import type { Row } from './row';

export const databaseRows = {
  databaseUrl: {
    name: 'DATABASE_URL',
    description: 'PostgreSQL to use, as postgres://user:password@host:5432/database; the embedded one when absent.',
    parser: url(['postgres', 'postgresql']),
  },
  databaseDirectUrl: {
    name: 'DATABASE_DIRECT_URL',
    description:
      'PostgreSQL past a pooler, for what needs a session: the change feed and migrations; DATABASE_URL when absent.',
    parser: url(['postgres', 'postgresql']),
  },
  databasePool: {
    name: 'DATABASE_POOL',
    description: 'Most database connections that one instance opens for transactions and queries.',
    parser: wholeNumber({ min: 1, max: 200 }),
    default: '10',
  },
  databaseLanes: {
    name: 'DATABASE_LANES',
    description: 'Database connections beside them, for reads by key, which are gathered while all of these are busy.',
    parser: wholeNumber({ min: 1, max: 32 }),
    default: '4',
  },
  databasePrepared: {
    name: 'DATABASE_PREPARED',
    description:
      'Name statements, so that PostgreSQL plans them once, true or false; false behind a PgBouncer older than 1.21.',
    parser: trueOrFalse(),
    default: 'true',
  },
  databasePoolTotal: {
    name: 'DATABASE_POOL_TOTAL',
    description: 'Database connections that all instances share, so that none comes in vain; off: nobody counts.',
    parser: orOff(wholeNumber({ min: 7, max: 100_000 })),
    default: 'off',
  },
  migrate: {
    name: 'MIGRATE',
    description: 'Bring the schema up to date at every start, true or false; always true when embedded.',
    parser: trueOrFalse(),
    default: 'false',
    embeddedAlways: 'true',
  },
} satisfies Record<string, Row>;
