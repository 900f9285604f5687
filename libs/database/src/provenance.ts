// Where an answer comes from: while one is made, whatever it is built from is noted here.
import { Scope } from './scope';

export class Provenance {
  /** `table:id` for a row, `table` for any row of a table. */
  readonly tags = new Set<string>();
  /** Milliseconds on the clock of `performance.now()`: the first time at which something that it was built from expires. */
  expiresAt = Infinity;
  /** A statement that nothing accounts for; what was built from its rows can't be kept. */
  untold?: string;

  /** @param allowsStatements whoever runs statements says by itself what they read */
  constructor(readonly allowsStatements: boolean) {}

  note(tags: Iterable<string>, expiresAt: number): void {
    for (const tag of tags) this.tags.add(tag);
    this.expiresAt = Math.min(this.expiresAt, expiresAt);
  }
}

const current = new Scope<Provenance>();

/** Runs the work; what it reads, however deep, is noted. */
export const tracing = <T>(provenance: Provenance, work: () => Promise<T>): Promise<T> => current.run(provenance, work);

/** Of what is being made just now. */
export const provenance = (): Provenance | undefined => current.get();

/** A statement is about to run. */
export function noteStatement(text: string): void {
  const made = current.get();
  if (made && !made.allowsStatements) made.untold ??= text;
}
