// What the service must not give away: whether an address has an account here.
import { DEMO_USER } from '../../apps/api/src/users/users.demo';
import type { Question, Secret } from './pairs';

const json = (path: string, body: object): Question => ({
  path,
  body: JSON.stringify(body),
  type: 'application/json',
});
const form = (path: string, fields: Record<string, string>): Question => ({
  path,
  body: new URLSearchParams(fields).toString(),
  type: 'application/x-www-form-urlencoded',
});

/** As long as the other's, since the length of a question takes its time. */
const stranger = (pair: number): string => `${String(pair).padStart(4, '0')}@floodgate.example`;
const WRONG = 'not the password';

export const SECRETS: readonly Secret[] = [
  {
    name: 'login',
    status: 401,
    yes: () => json('/v1/auth/login', { email: DEMO_USER.email, password: WRONG }),
    no: (pair) => json('/v1/auth/login', { email: stranger(pair), password: WRONG }),
  },
  {
    name: 'token',
    status: 400,
    yes: () => form('/v1/auth/token', { grant_type: 'password', username: DEMO_USER.email, password: WRONG }),
    no: (pair) => form('/v1/auth/token', { grant_type: 'password', username: stranger(pair), password: WRONG }),
  },
];
