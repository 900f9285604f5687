// Reads the OAuth 2 password form; what is wrong with it is said in the words of RFC 6749, section 5.2, as well.
import { defineProblem, examine, type InputError, type Refusal } from '@app/http';
import { TokenForm } from './auth.dto';

export const invalidGrant: Refusal = defineProblem({
  status: 400,
  code: 'invalid_grant',
  title: 'E-mail address or password is wrong',
});
export const invalidTokenRequest: Refusal = defineProblem({
  status: 400,
  code: 'invalid_request',
  title: 'The form lacks a parameter, or has one that is unknown or malformed',
});
export const unsupportedGrantType: Refusal = defineProblem({
  status: 400,
  code: 'unsupported_grant_type',
  title: 'Tokens are given for this grant type only: password',
});

/** Refuses with the standard's `error` member, which is the problem's code. */
export function refuseGrant(refusal: Refusal, detail: string, errors?: readonly InputError[]): never {
  return refusal(detail, { members: { error: refusal.definition.code }, ...(errors && { errors }) });
}

export function readTokenForm(given: Record<string, unknown> = {}): TokenForm {
  const { grant_type: grantType } = given;
  if (typeof grantType === 'string' && grantType !== '' && grantType !== 'password')
    refuseGrant(unsupportedGrantType, 'The grant_type must be password.');
  const { instance, faults } = examine(TokenForm, given);
  if (faults.length === 0) return instance;
  const errors = faults.map(({ at = '', ...fault }) => ({ ...fault, pointer: at }));
  return refuseGrant(invalidTokenRequest, 'The form is not a complete password grant.', errors);
}
