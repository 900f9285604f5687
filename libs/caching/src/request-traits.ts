// What a request says that can change how a kept answer is sent; read without making Node parse all headers.
import { isHost, isRequestTimeout } from '@app/http';

/** Absent headers are undefined. */
export interface RequestTraits {
  accept?: string;
  acceptEncoding?: string;
  ifNoneMatch?: string;
  token?: string;
  origin?: string;
  requestId?: string;
  forwardedProto?: string;
  timeout?: string;
}

/** One object for all requests: it is read before the next one comes. */
const traits: RequestTraits = {};

/**
 * @param raw names and values in turn, as `IncomingMessage.rawHeaders`
 * @returns undefined when something is said that only the router understands: a body, a header twice, or not one host
 */
export function traitsOf(raw: readonly string[]): RequestTraits | undefined {
  traits.accept = traits.acceptEncoding = traits.ifNoneMatch = traits.token = undefined;
  traits.origin = traits.requestId = traits.forwardedProto = traits.timeout = undefined;
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    // Most headers are told by their length alone to be of no interest.
    const { length } = name;
    if (length === 4 && name.toLowerCase() === 'host') {
      if (++hosts > 1 || !isHost(raw[at + 1] as string)) return undefined;
      continue;
    }
    if (length !== 6 && length !== 17 && (length < 12 || length > 15)) continue;
    if (!read(name.toLowerCase(), raw[at + 1] as string)) return undefined;
  }
  return hosts === 1 ? traits : undefined;
}

function read(name: string, value: string): boolean {
  switch (name) {
    case 'accept':
      return traits.accept === undefined && ((traits.accept = value), true);
    case 'origin':
      return traits.origin === undefined && ((traits.origin = value), true);
    case 'x-request-id':
      return traits.requestId === undefined && ((traits.requestId = value), true);
    case 'if-none-match':
      return traits.ifNoneMatch === undefined && ((traits.ifNoneMatch = value), true);
    case 'accept-encoding':
      return traits.acceptEncoding === undefined && ((traits.acceptEncoding = value), true);
    case 'consistency-token':
      return traits.token === undefined && ((traits.token = value), true);
    case 'x-forwarded-proto':
      return traits.forwardedProto === undefined && ((traits.forwardedProto = value), true);
    case 'x-request-timeout':
      return traits.timeout === undefined && isRequestTimeout((traits.timeout = value));
    case 'content-length':
      return value === '0';
    case 'transfer-encoding':
      return false;
    default:
      return true;
  }
}
