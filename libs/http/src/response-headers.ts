// The headers of answers in the API document.
import { CONSISTENCY_TOKEN } from './consistency';

export const RESPONSE_HEADERS = {
  'X-Request-Id': { description: 'The id of this request: the caller’s, or a new one.', schema: { type: 'string' } },
  'Server-Timing': { description: 'Milliseconds spent on this request.', schema: { type: 'string' } },
  'Cache-Control': { description: 'Whether and how the answer may be stored.', schema: { type: 'string' } },
  'Cache-Status': { description: 'How the service’s own cache took part (RFC 9211).', schema: { type: 'string' } },
  ETag: { description: 'Strong entity tag, for `If-None-Match` and `If-Match`.', schema: { type: 'string' } },
  Location: {
    description: 'Path of what was created or accepted.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  Link: { description: 'The first, next and previous page (RFC 8288).', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
  RateLimit: {
    description: 'What is left of the quota (`r`), and the seconds until it is whole again (`t`).',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'The quota (`q`) in a window of seconds (`w`); absent where it is switched off.',
    schema: { type: 'string' },
  },
  'WWW-Authenticate': { description: 'How to authenticate.', schema: { type: 'string' } },
  'Consistency-Token': {
    description:
      'Of this write, if it has changed anything: a read that carries it as `Consistency-Token` does not miss it.',
    schema: { type: 'string', pattern: CONSISTENCY_TOKEN.source },
  },
  Vary: { description: 'Request headers that chose between forms of the answer.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` when this is the stored answer to an earlier request.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Set-Cookie': { description: 'What a browser keeps for this host alone.', schema: { type: 'string' } },
};
