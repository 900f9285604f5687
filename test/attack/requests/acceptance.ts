// The document must not lie in either direction: what it allows is accepted, what it forbids is refused.
import type { OpenApiDocument } from '@app/http';
import { jsonIn, jsonSchemaOf } from './bodies';
import { operationsOf, type Schema } from './operations';
import type { Schemas } from './schemas';
import { type Answer, isOutOfTime, type Sent } from './sender';
import type { Step } from './steps';

/** About who asks, and what is there or was changed meanwhile: not about the request alone. */
const OF_STATE = [401, 403, 404, 409, 412, 429];

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly code?: string; readonly pointer?: string; readonly parameter?: string }[];
}

/** Codes of other statuses that are about the state all the same. */
const CODES_OF_STATE = ['invalid_grant', 'idempotency_key_reused', 'invalid_reset_token', 'invalid_verification_token'];

/** What the state decides about a value, by the place that the problem names. */
const PLACES_OF_STATE: readonly RegExp[] = [
  // Written by this service, or not.
  /^(cursor|Consistency-Token)$/,
  // Before now, or long after.
  /^\/expiresAt$/,
  // Right or wrong, and needed or not.
  /^\/currentPassword$/,
  // There or not.
  /^\/feedIds\/\d+$/,
  // Of an item together with what it has already.
  /^(\/operations\/\d+\/changes)?\/(price|currency|attributes)$/,
];

export class Acceptance {
  private readonly bodies: ReadonlyMap<string, Schema | undefined>;
  /** Operations that can do without a body. */
  private readonly optional: ReadonlySet<string>;

  constructor(
    document: OpenApiDocument,
    private readonly schemas: Schemas,
  ) {
    const operations = operationsOf(document);
    this.bodies = new Map(operations.map((one) => [one.id, jsonSchemaOf(document, one)]));
    this.optional = new Set(operations.filter(({ isBodyOptional }) => isBodyOptional).map(({ id }) => id));
  }

  faultsOf({ operation, isValid }: Step, sent: Sent, answer: Answer): string[] {
    if (operation === undefined) return [];
    if (isValid && answer.status >= 400 && !isOfState(sent, answer) && !isOutOfTime(sent, answer))
      return [`refused what the document allows: ${answer.status} ${answer.text.slice(0, 500)}`];
    const schema = this.bodies.get(operation);
    if (!schema || isValid || answer.status >= 300 || !sent.body) return [];
    if (sent.body.length === 0 && this.optional.has(operation)) return [];
    const read = jsonIn(sent.body);
    const isAllowed = read !== undefined && this.schemas.allows(schema, trimmed(read.value));
    return isAllowed ? [] : [`accepted a body that the document forbids, with ${answer.status}`];
  }
}

function isOfState(sent: Sent, { status, text }: Answer): boolean {
  if (OF_STATE.includes(status)) return true;
  if (sent.method === 'HEAD') return /[?&]cursor=/.test(sent.url) || sent.headers['consistency-token'] !== undefined;
  const { code, errors = [] } = JSON.parse(text) as Problem;
  if (CODES_OF_STATE.includes(code)) return true;
  const isPlaceOfState = (place: string) => PLACES_OF_STATE.some((one) => one.test(place));
  const isOfStateAlone = ({ code: fault, pointer, parameter }: (typeof errors)[number]) =>
    // A list of 18,000 words is no schema.
    fault === 'too_common' || isPlaceOfState(pointer ?? parameter ?? '');
  return errors.length > 0 && errors.every(isOfStateAlone);
}

/** Blanks around an address are forgiven. */
function trimmed(value: unknown): unknown {
  const { email } = Object(value) as { email?: unknown };
  return typeof email === 'string' ? { ...(value as object), email: email.trim() } : value;
}
