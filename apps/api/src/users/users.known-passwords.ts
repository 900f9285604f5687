// Passwords that whoever guesses tries first.
import { dictionary } from '@zxcvbn-ts/language-common';

/** What somebody who looks at this service would think of. */
const OWN_WORDS = ['floodgate', 'catalogue', 'administrator'];

const folded = (password: string): string => password.normalize('NFKC').toLowerCase();
const lettersOf = (password: string): string => password.replaceAll(/[^\p{L}]/gu, '');

const known = new Set(Object.values(dictionary['passwords-common']).map(folded));
const own = new Set(OWN_WORDS);

/** Whether it is one of the 49,000 most used of all passwords, or one of the service's own words with some digits or signs. */
export const isKnownPassword = (password: string): boolean =>
  known.has(folded(password)) || own.has(lettersOf(folded(password)));
