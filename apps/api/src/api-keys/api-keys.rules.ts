// What an account may have of keys.

/** Of one account, expired ones included: whoever needs more has lost track of them. */
export const MAX_KEYS = 20;

/** A leap year: the same day of next year is allowed, and no key is for ever. */
export const MAX_LIFETIME_MS = 366 * 86_400_000;
