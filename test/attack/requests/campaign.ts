// As many sequences as are asked for, in rounds; the first that finds something is made as small as it gets.
import fc from 'fast-check';
import { Assault } from './assault';
import { operationsOf } from './operations';
import { steps } from './steps';
import { Values } from './values';

export interface Campaign {
  readonly requests: number;
  readonly seed: number;
  readonly onProgress?: (requests: number) => void;
}

export interface Outcome {
  readonly requests: number;
  /** A line for each operation: how often it gave which status. */
  readonly lines: readonly string[];
  /** Operations that have not accepted anything, although valid requests were among theirs. */
  readonly untried: readonly string[];
  readonly finding?: Finding;
}

/** They need what a mail has told. */
const BY_MAIL = ['confirmPasswordReset', 'confirmEmail'];

export interface Finding {
  readonly fault: string;
  /** Begins with the round in which it was found. */
  readonly seed: number;
  /** Commands; the last one is answered wrongly. */
  readonly requests: readonly string[];
}

/** Times what is asked for: until then, chance may go on to find somebody whom an operation accepts. */
const MOST = 2;
const SEQUENCES_PER_ROUND = 25;
const LONGEST = 14;
/** A round, and making what it finds smaller. */
const ROUND_MS = 60_000;

export async function wage({ requests, seed, onProgress }: Campaign): Promise<Outcome> {
  const assault = await Assault.start();
  try {
    const { document, schemas, tally } = assault;
    const values = new Values(document, (schema, value) => schemas.allows(schema, value));
    const sequences = fc.array(steps(document, values), { minLength: 1, maxLength: LONGEST, size: 'max' });
    const property = fc.asyncProperty(sequences, (sequence) => assault.carryOut(sequence));
    const names = operationsOf(document).map(({ id }) => id);
    const untried = () => tally.neverAccepted(names.filter((id) => !BY_MAIL.includes(id)));
    const outcome = () => ({ requests: tally.requests, lines: tally.lines(), untried: untried() });
    const isOver = () => tally.requests >= requests * (untried().length > 0 ? MOST : 1);
    for (let round = seed; !isOver(); round++) {
      const { failed, errorInstance } = await fc.check(property, {
        seed: round,
        numRuns: SEQUENCES_PER_ROUND,
        plugins: [fc.interruptAfterTimeLimit(ROUND_MS)],
      });
      if (failed) {
        const fault = (errorInstance as Error | null)?.message ?? 'unknown';
        return { ...outcome(), finding: { fault, seed: round, requests: assault.history } };
      }
      await assault.tidy();
      onProgress?.(tally.requests);
    }
    return outcome();
  } finally {
    await assault.end();
  }
}
