import type { SourceFile } from './source-file';

export interface Violation {
  readonly file: SourceFile;
  readonly line?: number;
  readonly message: string;
  /** What to do instead. */
  readonly hint: string;
}

export type Rule = (files: readonly SourceFile[]) => Violation[];

/** As an editor opens it: `path:line`. */
export const placeOf = ({ file, line }: Violation): string => (line === undefined ? file.path : `${file.path}:${line}`);

export const sentenceOf = (violation: Violation): string =>
  `${placeOf(violation)} ${violation.message}. ${violation.hint}.`;
