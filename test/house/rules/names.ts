import ts from 'typescript';
import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';
import { wordsOf } from '../words';

const EMPTY_WORDS = 'manager helper util common base abstract impl data info handle process'.split(' ');
const emptyWordIn = (name: string): string | undefined =>
  wordsOf(name).find((word) => EMPTY_WORDS.includes(word) || EMPTY_WORDS.includes(word.replace(/s$/, '')));

/** Of files, and of what they export: other names are seen only next to their meaning. */
export const emptyWords: Rule = (files) => {
  const hint = 'Name what it does or holds; a word that fits everything says nothing';
  return files
    .filter((file) => file.isCode)
    .flatMap((file): Violation[] => {
      const word = emptyWordIn(file.name);
      const ofFile = word === undefined ? [] : [{ file, message: `is named with the empty word "${word}"`, hint }];
      const ofExports = exportedNames(file).flatMap((name) => {
        const empty = emptyWordIn(name.text);
        if (empty === undefined) return [];
        return [{ file, line: file.lineOf(name), message: `"${name.text}" has the empty word "${empty}"`, hint }];
      });
      return [...ofFile, ...ofExports];
    });
};

export const interfacePrefix: Rule = (files) =>
  files
    .filter((file) => file.isCode)
    .flatMap((file) => [...file.nodes()].filter(ts.isInterfaceDeclaration).map(({ name }) => ({ file, name })))
    .filter(({ name }) => /^I[A-Z][a-z]/.test(name.text))
    .map(({ file, name }) => ({
      file,
      line: file.lineOf(name),
      message: `interface ${name.text} wears an I`,
      hint: `Call it ${name.text.slice(1)}; if a class has that name already, one of the two is not needed`,
    }));

function exportedNames(file: SourceFile): ts.Identifier[] {
  return file.syntax.statements
    .filter((statement) => ts.canHaveModifiers(statement) && isExported(statement))
    .flatMap((statement) => {
      if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(namesBoundBy);
      const { name } = statement as { name?: ts.Node };
      return name && ts.isIdentifier(name) ? [name] : [];
    });
}

const isExported = (node: ts.HasModifiers): boolean =>
  ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

function namesBoundBy({ name }: ts.VariableDeclaration | ts.BindingElement): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesBoundBy(element)));
}
