// Reads the OAuth 2 form; what is wrong with it is said in the words of RFC 6749, section 5.2, as well.
import { defineProblem, examine, type InputError, type Refusal } from '@app/http';
import { PasswordForm, RefreshTokenForm } from './auth.form.dto';

export const invalidGrant: Refusal = defineProblem({
  status: 400,
  code: 'invalid_grant',
  title: 'E-mail address or password is wrong, or the refresh token is not valid',
});
export const invalidTokenRequest: Refusal = defineProblem({
  status: 400,
  code: 'invalid_request',
  title: 'The form lacks a parameter, or has one that is unknown or malformed',
});
export const unsupportedGrantType: Refusal = defineProblem({
  status: 400,
  code: 'unsupported_grant_type',
  title: 'Tokens are given for these grant types only: password, refresh_token',
});

const FORMS = new Map<unknown, new () => PasswordForm | RefreshTokenForm>([
  ['password', PasswordForm],
  ['refresh_token', RefreshTokenForm],
]);

/** Refuses with the standard's `error` member, which is the problem's code. */
export function refuseGrant(refusal: Refusal, detail: string, errors?: readonly InputError[]): never {
  return refusal(detail, { members: { error: refusal.definition.code }, ...(errors && { errors }) });
}

export function readTokenForm(given: Record<string, unknown> = {}): PasswordForm | RefreshTokenForm {
  const { grant_type: grantType } = given;
  const form = FORMS.get(grantType);
  if (!form && typeof grantType === 'string' && grantType !== '')
    refuseGrant(unsupportedGrantType, 'The grant_type must be password or refresh_token.');
  const { instance, faults } = examine(form ?? PasswordForm, given);
  if (faults.length === 0) return instance;
  const errors = faults.map(({ at = '', ...fault }) => ({ ...fault, pointer: at }));
  return refuseGrant(invalidTokenRequest, 'The form is not a complete grant.', errors);
}
