// Says what a failed statement or connection means, in words that the layers above can act on.

import { types } from 'node:util';

/** What went wrong, independent of driver and ORM. `constraint` is set for violated constraints only. */
export interface DatabaseFailure {
  readonly kind: 'unavailable' | 'busy' | 'timeout' | 'conflict' | 'violation' | 'unfit';
  readonly sqlState?: string;
  readonly constraint?: string;
}

/** The database can't be reached (yet). The caller answers 503 and says when to try again. */
export class DatabaseUnavailable extends Error {
  constructor(cause?: unknown) {
    super('The database is not available.', { cause });
  }
}

/** The database was reached, but this program must not run on it. The message is one sentence that says what to do. */
export class UnfitDatabase extends Error {}

interface DriverError {
  code?: string;
  constraint?: string;
  message?: string;
  driverError?: DriverError;
}

const SYSTEM_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** Class 57P is an administrator's shutdown or start-up, 53300 too many connections: PostgreSQL, appendix A. */
const UNAVAILABLE = /^(08...|57P0.|53300)$/;
const UNFIT = /^(28...|3D000)$/;
const VIOLATION = /^23...$/;
/** PostgreSQL has undone a transaction whose next statement did not come in time: this process was frozen, or very busy. */
export const IDLE_IN_TRANSACTION = '25P03';
const CONFLICT = new Set(['40001', '40P01', IDLE_IN_TRANSACTION]);
const TIMEOUT = new Set(['57014', '55P03', '25P04']);

/** The meaning of an error thrown by `pg`, by TypeORM or by this library; undefined when it is none of theirs. */
export function failureOf(error: unknown): DatabaseFailure | undefined {
  if (error instanceof DatabaseUnavailable) return { kind: 'unavailable' };
  // Also true for errors of Node's own modules where, as in tests, those have another `Error`.
  if (!types.isNativeError(error)) return undefined;
  const reported: DriverError = error;
  const { code, constraint, message = '' } = reported.driverError ?? reported;
  if (code !== undefined && SYSTEM_ERRORS.has(code)) return { kind: 'unavailable' };
  // pg has no codes for these; the texts are those of pg-pool 3 and pg 8.
  if (/^timeout exceeded when trying to connect/.test(message)) return { kind: 'busy' };
  if (/^(Connection terminated|Client (has encountered a connection error|was closed))/.test(message))
    return { kind: 'unavailable' };
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  const kind = kindOf(code);
  return kind && { kind, sqlState: code, constraint };
}

function kindOf(sqlState: string): DatabaseFailure['kind'] | undefined {
  if (UNAVAILABLE.test(sqlState)) return 'unavailable';
  if (UNFIT.test(sqlState)) return 'unfit';
  if (VIOLATION.test(sqlState)) return 'violation';
  if (CONFLICT.has(sqlState)) return 'conflict';
  return TIMEOUT.has(sqlState) ? 'timeout' : undefined;
}
