// Bounds the wrong guesses at one account's password, from wherever they come, without locking its owner out.
import { createHash } from 'node:crypto';
import type { SharedTier } from '@app/caching';
import { allowanceField, policyField, tooManyRequests } from '@app/http';
import type { Telemetry } from '@app/telemetry';
import { Counter } from './counter';

/** Together the ten wrong guesses that an account allows in a quarter of an hour. */
const FOR_ALL = 7;
/** Only from addresses where the right password was given: who spends what is for all does not lock the owner out. */
const FOR_KNOWN_ADDRESSES = 3;
const WINDOW_SECONDS = 15 * 60;
const QUOTA = { requests: FOR_ALL + FOR_KNOWN_ADDRESSES, windowSeconds: WINDOW_SECONDS };
/** A timer of Node takes 24 days at most. */
const KNOWN_SECONDS = 20 * 24 * 3_600;

export class Guesses {
  private readonly forAll: Counter;
  private readonly forKnown: Counter;
  private readonly known: Counter;

  constructor(
    private readonly telemetry: Telemetry,
    shared?: SharedTier,
  ) {
    this.forAll = new Counter({ name: 'guess', most: FOR_ALL, windowSeconds: WINDOW_SECONDS, shared });
    this.forKnown = new Counter({
      name: 'owner-guess',
      most: FOR_KNOWN_ADDRESSES,
      windowSeconds: WINDOW_SECONDS,
      shared,
    });
    // Never used up, so that the oldest is forgotten where there are too many.
    this.known = new Counter({ name: 'known', most: Number.MAX_SAFE_INTEGER, windowSeconds: KNOWN_SECONDS, shared });
  }

  /**
   * What was no wrong guess is given back. A right one does not reset the count: an owner who logs in often must not give others
   * more guesses.
   *
   * @param account its name in the one spelling, whether or not there is one: nothing here tells; or that of a session of it
   * @param address as `Browser` gives it
   * @param check undefined: the guess was wrong. It calls `spend` when its turn has come, right before it compares: so a crowd
   *   of guesses that come at once has no more than one that queues, and a crowd of right ones is not refused
   * @throws Problem `too_many_requests`, before anything is checked
   */
  async allow<Owner>(
    account: string,
    address: string,
    check: (spend: () => Promise<void>) => Promise<Owner | undefined>,
  ): Promise<Owner | undefined> {
    const [who, place] = [digest(account), digest(`${account} ${address}`)];
    await this.admit(who, place);
    let spent: Counter | undefined;
    let isWrong = false;
    try {
      const owner = await check(async () => {
        spent = await this.spend(who, place);
      });
      isWrong = owner === undefined;
      if (!isWrong) await this.known.take(place);
      return owner;
    } finally {
      if (!isWrong) await spent?.giveBack(who);
    }
  }

  /** Its owner has proved to be the owner in another way: what was guessed before is forgotten. */
  async forget(account: string): Promise<void> {
    await Promise.all([this.forAll, this.forKnown].map((counter) => counter.clear(digest(account))));
  }

  private async admit(who: string, place: string): Promise<void> {
    const seconds = await this.forAll.secondsUntilFree(who);
    if (seconds === 0) return;
    if ((await this.known.has(place)) && (await this.forKnown.secondsUntilFree(who)) === 0) return;
    this.refuse(seconds);
  }

  /** @returns what was spent */
  private async spend(who: string, place: string): Promise<Counter> {
    const { isExceeded, resetSeconds } = await this.forAll.take(who);
    if (!isExceeded) return this.forAll;
    if ((await this.known.has(place)) && !(await this.forKnown.take(who)).isExceeded) return this.forKnown;
    return this.refuse(resetSeconds);
  }

  private refuse(seconds: number): never {
    this.telemetry.emit('limit.exceeded', { limit: 'guess' });
    return tooManyRequests(`Too many attempts with this account; try again in ${seconds} s.`, {
      headers: {
        'retry-after': String(seconds),
        'ratelimit-policy': policyField('guess', QUOTA),
        ratelimit: allowanceField('guess', { remaining: 0, resetSeconds: seconds }),
      },
    });
  }
}

/** Who has which account, and from where it is used, is not to be read in Redis. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
