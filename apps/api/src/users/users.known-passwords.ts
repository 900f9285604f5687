// Passwords that whoever guesses tries first.
import { dictionary } from '@zxcvbn-ts/language-common';

/** What somebody who looks at this service would think of. */
const OWN_WORDS = ['floodgate', 'catalogue', 'administrator'];

const folded = (password: string): string => password.normalize('NFKC').toLowerCase();
const lettersOf = (password: string): string => password.replaceAll(/[^\p{L}]/gu, '');

/** What is shorter is refused for that. */
const isLongEnough = (password: string): boolean => password.length >= 8;

const known = new Set(dictionary['passwords-common'].filter(isLongEnough).map(folded));
const own = new Set(OWN_WORDS);

/** Whether it is among the 18,000 most used ones, or one of the service's own words with some digits or signs. */
export const isKnownPassword = (password: string): boolean =>
  known.has(folded(password)) || own.has(lettersOf(folded(password)));
