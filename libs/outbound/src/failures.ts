// Gives what undici, Node and zlib throw the name of a failure.
import { CallFailed } from './call-failed';

/** Of OpenSSL, as Node names what `X509_verify_cert_error_string` knows, and Node's own. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|ERROR_IN_CERT_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|EPROTO)/;
const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
const GARBAGE = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']);

/** How far the call had come. */
export type Stage = 'headers' | 'body';

export function failureOf(error: unknown, host: string, stage: Stage): CallFailed {
  if (error instanceof CallFailed) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const failed = (...[name, detail, traits]: ConstructorParameters<typeof CallFailed>): CallFailed =>
    new CallFailed(name, detail, { ...traits, cause: error });

  if (REFUSED.has(code)) return failed('connect_refused', `${host} accepts no connection.`, { isTransient: true });
  if (code === 'ETIMEDOUT')
    return failed('connect_timeout', `${host} did not accept a connection.`, { isTransient: true });
  if (TLS.test(code)) return failed('tls', `${host} has no TLS that can be trusted: ${code}.`, { isFault: true });
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return failed('headers_timeout', `${host} did not begin its answer in time.`, { isTransient: true });
  if (GARBAGE.has(code) || (error as Error).name === 'HTTPParserError')
    return failed('bad_response', `What ${host} sends is not HTTP.`, { isFault: true });
  if (stage === 'body' && code !== 'ECONNRESET')
    return failed('truncated', `${host} ended its answer before the end of the body.`, { isTransient: true });
  return failed('connection_lost', `${host} broke the connection.`, { isTransient: true });
}
