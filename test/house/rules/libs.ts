import ts from 'typescript';
import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';
import { wordsOf } from '../words';

const IN_LIB = /^libs\/([^/]+)\/src\/.+\.ts$/;
const DOOR = /^libs\/[^/]+\/src\/index\.ts$/;

const sourcesIn = (files: readonly SourceFile[]): SourceFile[] =>
  files.filter(({ path, isTest }) => IN_LIB.test(path) && !isTest);

export const libComment: Rule = (files) =>
  sourcesIn(files).flatMap((file): Violation[] => {
    if (DOOR.test(file.path)) return [];
    const lines = openingComment(file.text);
    const hint =
      'One or two lines of comment at the top say the single job of the file; what does not fit is a second job';
    if (lines === 0) return [{ file, message: 'does not say its job', hint }];
    return lines > 2 ? [{ file, message: `takes ${lines} lines to say its job`, hint }] : [];
  });

/** Lines of the comment that the text begins with. */
function openingComment(text: string): number {
  const [first, ...others] = ts.getLeadingCommentRanges(text, 0) ?? [];
  if (!first) return 0;
  const isNext = (a: ts.CommentRange, b: ts.CommentRange): boolean => /^\r?\n?[ \t]*$/.test(text.slice(a.end, b.pos));
  const run = [first];
  for (const range of others) if (isNext(run.at(-1)!, range)) run.push(range);
  return text.slice(first.pos, run.at(-1)!.end).split('\n').length;
}

export const libDoor: Rule = (files) =>
  sourcesIn(files).flatMap((file): Violation[] => {
    if (DOOR.test(file.path)) return [];
    const { statements } = file.syntax;
    const passesOn = (node: ts.Statement): boolean =>
      ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;
    const isBarrel = statements.length > 0 && statements.every(passesOn);
    if (!isBarrel && file.name !== 'index') return [];
    const hint = 'A lib has one door, src/index.ts; inside, files import each other by name';
    return [{ file, message: 'is a second door', hint }];
  });

/** `items` alone is a keyword of JSON Schema. */
const BUSINESS_WORDS = ['item', 'user', 'users', 'feed', 'feeds'];
const BUSINESS_PLACE = /(?:\b(?:from|into|update|join|table)\s+"?|\/)(items|users|feeds)\b/i;

/** Words of the machine that happen to sound like the business. */
const MEANT_OTHERWISE: Record<string, string[]> = {
  'embedded-postgres': ['user'], // of the operating system
  mail: ['user'], // who logs in at the mail server
  config: ['feeds'], // what a variable is called by whoever sets it
  database: ['user', 'feed'], // the role that connects; the change feed
  http: ['feed'], // the same
  caching: ['feed'], // the same
};

export const businessWords: Rule = (files) =>
  sourcesIn(files).flatMap((file): Violation[] => {
    const hint = 'Libs know the machine, features know the business: take the name or the type from the caller';
    const allowed = MEANT_OTHERWISE[IN_LIB.exec(file.path)![1]!] ?? [];
    const wordIn = (name: string): string | undefined =>
      wordsOf(name).find((word) => BUSINESS_WORDS.includes(word) && !allowed.includes(word));

    const word = wordIn(file.name);
    const ofFile = word === undefined ? [] : [{ file, message: `is named with the business word "${word}"`, hint }];
    const ofNodes = [...file.nodes()].flatMap((node) => {
      const text = textOf(node);
      if (text === undefined) return [];
      const found = /\s/.test(text) || text.includes('/') ? BUSINESS_PLACE.exec(text)?.[1] : wordIn(text);
      if (found === undefined) return [];
      return [{ file, line: file.lineOf(node), message: `the business word "${found}" stands in a lib`, hint }];
    });
    return [...ofFile, ...ofNodes];
  });

/** What a name or a piece of quoted text says; a `user-agent` is no user, a `LINE_FEED` and a `ChangeFeed` are no feeds. */
function textOf(node: ts.Node): string | undefined {
  const hasText = ts.isIdentifier(node) || ts.isPrivateIdentifier(node) || ts.isStringLiteralLike(node);
  if (!hasText && !ts.isTemplateLiteralToken(node)) return undefined;
  return node.text.replace(/user-?agent|(line|change)[-_]?feed/gi, '');
}
