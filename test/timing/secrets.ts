// What the service must not give away: whether an address has an account here.
import type { Question, Secret } from './pairs';

/** An account allows few wrong guesses in a quarter of an hour: so each is asked about a few times only. */
const PAIRS_PER_ACCOUNT = 2;

export const accountsFor = (pairs: number): number => Math.ceil(pairs / PAIRS_PER_ACCOUNT);

/** Two addresses of one length, since the length of a question takes its time. */
export const member = (n: number): string => `member-${String(n).padStart(5, '0')}@floodgate.example`;
const stranger = (n: number): string => member(n).replace('member', 'nobody');

export const PASSWORD = 'correct horse battery staple';
const WRONG = 'not the password at all';

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

const QUESTIONS: readonly [name: string, status: number, about: (email: string) => Question][] = [
  ['login', 401, (email) => json('/v1/auth/login', { email, password: WRONG })],
  ['token', 400, (email) => form('/v1/auth/token', { grant_type: 'password', username: email, password: WRONG })],
  ['password reset', 202, (email) => json('/v1/auth/password-reset', { email })],
];

/** @param accounts how many members there are */
export const secretsOf = (accounts: number): Secret[] =>
  QUESTIONS.map(([name, status, about]) => ({
    name,
    status,
    yes: (pair) => about(member(pair % accounts)),
    no: (pair) => about(stranger(pair % accounts)),
  }));
