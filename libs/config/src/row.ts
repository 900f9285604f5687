// What is said about one variable of the environment.
import type { Parser } from './parsers';

export type Value = string | number | boolean | null | readonly string[];

export interface Row {
  readonly name: string;
  readonly description: string;
  readonly parser: Parser<Value>;
  /** Holds when the variable is absent; an empty string stands for an empty list. */
  readonly default?: string;
  /** The default with the embedded database, where it differs. */
  readonly embeddedDefault?: string;
  /** Holds with the embedded database whatever the variable says. */
  readonly embeddedAlways?: string;
  /** With DATABASE_URL nothing but the default is accepted. */
  readonly isEmbeddedOnly?: true;
  /** May not be absent when all of these are present. */
  readonly requiredWith?: readonly string[];
  /** Never shown, and white space is part of it. */
  readonly isSecret?: true;
}
