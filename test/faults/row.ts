// What a row of the table of faults is: it injects its fault for real, and gives figures that are held against bars.

export interface Form {
  readonly isShort: boolean;
  /** Requests a second of the load, which come whatever becomes of those before. */
  readonly perSecond: number;
  /** By so much bars of time are widened: in its short form the machine may have other things to do. */
  readonly patience: number;
  readonly kills: number;
  readonly rounds: number;
  readonly keys: number;
  /** Of the overload. */
  readonly seconds: number;
  /** Of the soak. */
  readonly minutes: number;
}

export const FULL: Form = {
  ...{ isShort: false, perSecond: 100, patience: 1 },
  ...{ kills: 100, rounds: 10, keys: 1_000_000, seconds: 60, minutes: 60 },
};

/** As few of each as show that it holds. */
export const SHORT: Form = {
  ...{ isShort: true, perSecond: 40, patience: 5 },
  ...{ kills: 5, rounds: 1, keys: 20_000, seconds: 5, minutes: 0.5 },
};

export interface Figure {
  readonly name: string;
  readonly seen: string;
  /** What it had to be. */
  readonly bar: string;
  readonly isGood: boolean;
}

export interface Row {
  /** In small letters and hyphens: `--only redis-killed`. */
  readonly name: string;
  readonly fault: string;
  /** Programs that have to be on the PATH. */
  readonly programs?: readonly string[];
  /** Undefined: it is not run here, and `where` says where. */
  readonly run?: (form: Form) => Promise<readonly Figure[]>;
  readonly where?: string;
}

export const none = (name: string, count: number, what: unknown = count): Figure => ({
  name,
  seen: count === 0 ? '0' : `${count}: ${typeof what === 'string' ? what : JSON.stringify(what)}`,
  bar: '0',
  isGood: count === 0,
});

/** For bars that hold on a busy machine, too. */
export const EXACTLY = { patience: 1 } as const;

/** @param most milliseconds */
export const within = (name: string, ms: number, most: number, { patience }: Pick<Form, 'patience'>): Figure => ({
  name,
  seen: `${ms.toFixed(0)} ms`,
  bar: `≤ ${(most * patience).toFixed(0)} ms`,
  isGood: ms <= most * patience,
});

export const atLeast = (name: string, count: number, least: number): Figure => ({
  name,
  seen: count.toLocaleString('en'),
  bar: `≥ ${least.toLocaleString('en')}`,
  isGood: count >= least,
});

export const holds = (name: string, seen: string, bar: string, isGood: boolean): Figure => ({
  name,
  seen,
  bar,
  isGood,
});
