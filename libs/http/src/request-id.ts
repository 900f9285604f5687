// A request's id: the caller's, if it is fit for headers and logs, else a new one.
import type { IncomingMessage } from 'node:http';
import { v7 as uuidv7 } from 'uuid';

/** Nothing that could break out of a header or a log line. */
const FIT = /^[\w.~:+/=-]{1,128}$/;

export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && FIT.test(given) ? given : uuidv7();
}
