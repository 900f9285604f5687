// Parsers of single values: text in, typed value out, or undefined when the text is not what was expected.
import { resolve } from 'node:path';

export interface Parser<T> {
  /** Ends the sentence "NAME must be …". */
  readonly expected: string;
  readonly parse: (text: string) => T | undefined;
}

export function wholeNumber({ min, max }: { min: number; max: number }): Parser<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse(text) {
      // Number() alone would also take '1e3', '0x10' and ' '.
      const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** Adds the word `off`, which becomes null. */
export function orOff<T>(parser: Parser<T>): Parser<T | null> {
  return {
    expected: `${parser.expected}, or off`,
    parse: (text) => (text === 'off' ? null : parser.parse(text)),
  };
}

/** Adds the word `auto`, which becomes whatever is found then. */
export function orAuto<T>(parser: Parser<T>, find: () => T): Parser<T> {
  return {
    expected: `${parser.expected}, or auto`,
    parse: (text) => (text === 'auto' ? find() : parser.parse(text)),
  };
}

export function oneOf<const T extends string>(...words: readonly T[]): Parser<T> {
  return {
    expected: `one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text),
  };
}

export function trueOrFalse(): Parser<boolean> {
  return {
    expected: 'true or false',
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  };
}

export function folder(): Parser<string> {
  return {
    expected: 'the path of a folder (~ is not expanded)',
    // Only a shell expands ~; a folder that is really called ~ invites a fatal `rm -r ~`.
    parse: (text) => (text.startsWith('~') ? undefined : resolve(text)),
  };
}

export function bytes({ min }: { min: number }): Parser<string> {
  return {
    expected: `at least ${min} bytes`,
    parse: (text) => (Buffer.byteLength(text) >= min ? text : undefined),
  };
}

export function characters({ min, max }: { min: number; max: number }): Parser<string> {
  return {
    expected: `${min} to ${max} characters`,
    parse(text) {
      const count = Array.from(text).length;
      return count >= min && count <= max ? text : undefined;
    },
  };
}

/** Comma separated; white space around an element and empty elements do not count. */
export function list<T>(element: Parser<T>): Parser<readonly T[]> {
  return {
    expected: `comma separated, each ${element.expected}`,
    parse(text) {
      const parts = text.split(',').map((part) => part.trim());
      const values = parts.filter((part) => part !== '').map((part) => element.parse(part));
      return values.every((value) => value !== undefined) ? Object.freeze(values) : undefined;
    },
  };
}
