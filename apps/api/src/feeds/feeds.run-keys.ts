/** Whose a run is: a worker that takes it over starts it once more. */
export interface Start {
  readonly id: string;
  readonly starts: number;
}

/** What a transaction has written for a run. */
export interface Counted {
  readonly key: string;
  readonly created: number;
  readonly updated: number;
  readonly cleared?: number;
}

/** The run is over, or another worker's: what this one would still write for it must not hold. */
export class RunLost extends Error {
  constructor() {
    super("The run is not this worker's any more.");
  }
}

/** Names the run as one worker has it. */
export const keyOf = ({ id, starts }: Start): string => `${id} ${starts}`;

export function startOf(key: string): Start {
  const [id, starts] = key.split(' ') as [string, string];
  return { id, starts: Number(starts) };
}
