import { failureOf } from './failures';

const named = (code: string): string =>
  failureOf(Object.assign(new Error('It failed.'), { code }), 'shop.example', 'headers').failure.code;

it.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'CRL_HAS_EXPIRED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
])('takes %s for a certificate that cannot be trusted', (code) => expect(named(code)).toBe('tls'));

it('takes what it does not know for a lost connection', () => {
  expect(named('ERR_INVALID_STATE')).toBe('connection_lost');
});
