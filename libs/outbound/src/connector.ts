// Opens connections to permitted addresses only: the address that is checked is the one that is connected to, never a name again.
import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Allowed } from './allowed';
import { CallFailed } from './call-failed';
import { nameFailure, type Resolve } from './resolve';

/** Milliseconds until the next address of a name is tried beside one that does not answer (RFC 8305). */
const NEXT_ADDRESS_MS = 250;

export function checkedConnector(allowed: Allowed, resolve: Resolve, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({
    timeout: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    lookup: checkedLookup(allowed, resolve),
  }) as (...given: Parameters<buildConnector.connector>) => Socket;

  return (target, callback) => {
    const hostname = target.hostname.replace(/^\[|\]$/g, '');
    // An address is never looked up.
    if (isIP(hostname) !== 0 && !allowed.permits(hostname, hostname)) return callback(refused(hostname), null);
    const timer = setTimeout(() => {
      const detail = `${hostname} did not accept a connection within ${timeoutMs} ms.`;
      socket.destroy(new CallFailed('connect_timeout', detail, { isTransient: true }));
    }, timeoutMs);
    const socket = connect({ ...target, hostname }, (...[error, opened]: [Error, null] | [null, Socket]) => {
      clearTimeout(timer);
      if (error) return callback(error, null);
      // Whatever the lookup was made to believe, this is who answers.
      const { remoteAddress } = opened;
      if (remoteAddress !== undefined && allowed.permits(hostname, remoteAddress)) return callback(null, opened);
      opened.destroy();
      return callback(remoteAddress === undefined ? lost(hostname) : refused(hostname), null);
    });
  };
}

const refused = (hostname: string): CallFailed =>
  new CallFailed(
    'address_refused',
    `${hostname} is at an address that is not public, and that FEEDS_ALLOW does not name.`,
  );

/** The server has reset the connection already, so that nobody can say where it led. */
const lost = (hostname: string): CallFailed =>
  new CallFailed('connection_lost', `${hostname} broke the connection.`, { isTransient: true });

function checkedLookup(allowed: Allowed, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (found: readonly LookupAddress[]): void => {
      const permitted = found.filter(({ address }) => allowed.permits(hostname, address));
      const [first] = permitted;
      if (!first) callback(refused(hostname), '');
      else if (options.all) callback(null, permitted);
      else callback(null, first.address, first.family);
    };
    resolve(hostname).then(answer, (error: unknown) => callback(nameFailure(hostname, error), ''));
  };
}
