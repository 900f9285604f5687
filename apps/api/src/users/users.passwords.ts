import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Gate } from '@app/http';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

/** argon2id, which is the package's default; memory in KiB. Values of the reliability design. */
const HASHING = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** A core is left to everything else: a flood of guesses must not slow down whoever only reads. */
const MAX_RUNNING = Math.min(2, Math.max(1, availableParallelism() - 1));
/** At about 15 ms a hash, the last in the queue waits for less than a second. */
const MAX_WAITING = 52 - MAX_RUNNING;

/** One password has many spellings in Unicode, and keyboards differ (NIST SP 800-63B, section 3.1.1.2). */
export const canonical = (password: string): string => password.normalize('NFKC');

export interface Hashed {
  readonly passwordHash: string | null;
}

@Injectable()
export class Passwords {
  private readonly gate = new Gate('password checks', MAX_RUNNING, MAX_WAITING);
  private readonly decoy = hash(randomUUID(), HASHING);

  hash(password: string): Promise<string> {
    return this.gate.run(() => hash(canonical(password), HASHING));
  }

  /**
   * The owner, if the password is theirs. Takes equally long when there is nobody, so that the time does not tell which
   * accounts exist. Whoever is to be found is looked for after the queue: a flood of guesses must not reach the database.
   */
  match<Owner extends Hashed>(password: string, find: () => Promise<Owner | undefined>): Promise<Owner | undefined> {
    return this.gate.run(async () => {
      const owner = await find();
      const isMatch = await verify(owner?.passwordHash ?? (await this.decoy), canonical(password));
      return isMatch && owner?.passwordHash != null ? owner : undefined;
    });
  }
}
