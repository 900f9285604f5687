import ts from 'typescript';
import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';

const NOTE_TO_SELF = /\b(?:TO-?DO|FIX-?ME|X{3})\b/;
// Another machine has other folders, and whoever reads this one's learns nothing from them.
const MACHINE_PATH = /(?<![\w.~*})>-])\/(?:home|root|Users|work)\/[\w.-]+|\b[A-Z]:\\Users\\/;

export const notesToSelf: Rule = (files) =>
  inLines(
    files.filter((file) => file.isCode),
    NOTE_TO_SELF,
    (text) => `"${text}" is a note to oneself`,
    'Do it now, or open an issue and leave the code saying what is true',
  );

export const machinePaths: Rule = (files) =>
  inLines(
    files,
    MACHINE_PATH,
    (text) => `${text} is a folder of one machine`,
    'Use a path relative to the repository, or one that is asked from the system (os.tmpdir())',
  );

function inLines(
  files: readonly SourceFile[],
  pattern: RegExp,
  messageOf: (text: string) => string,
  hint: string,
): Violation[] {
  return files.flatMap((file) =>
    file.text.split('\n').flatMap((text, index): Violation[] => {
      const found = pattern.exec(text)?.[0];
      return found === undefined ? [] : [{ file, line: index + 1, message: messageOf(found), hint }];
    }),
  );
}

/** `it.skip`, `describe.only.each`, `test.todo`, `xit`, `fdescribe`. */
export const unrunTests: Rule = (files) =>
  files
    .filter((file) => file.isTest)
    .flatMap((file) => [...file.nodes()].filter(isUnrun).map((node) => ({ file, node })))
    .map(({ file, node }) => ({
      file,
      line: file.lineOf(node),
      message: `${node.getText()} leaves tests out`,
      hint: 'A test runs with all others, or it is deleted',
    }));

function isUnrun(node: ts.Node): boolean {
  if (ts.isIdentifier(node)) return /^([xf](it|describe)|xtest)$/.test(node.text);
  if (!ts.isPropertyAccessExpression(node)) return false;
  return /^(it|test|describe)(\.\w+)*\.(skip|only|todo)$/.test(node.getText());
}
