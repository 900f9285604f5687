import ts from 'typescript';
import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';

const MIGRATION = /^apps\/[^/]+\/migrations\//;

export const migrationNames: Rule = (files) =>
  files
    .filter(({ path }) => MIGRATION.test(path))
    .filter(({ path }) => !/\/\d{13}-[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path))
    .map((file) => ({
      file,
      message: 'is not named <milliseconds>-<what-changes>.ts',
      hint: 'npm run migration names it: 13 digits say the order, the words say the one change',
    }));

interface Named {
  readonly node: ts.Node;
  readonly name: string;
  /** Undefined where the place does not tell. */
  readonly table?: string;
  readonly suffixes: readonly string[];
}

/** `<table>_<columns>_key`: an error that names its constraint says what is wrong. */
export const schemaNames: Rule = (files) =>
  files.flatMap((file): Violation[] => {
    const isMigration = MIGRATION.test(file.path) && file.isCode;
    const named = isMigration ? namedInSql(file) : file.path.endsWith('.entity.ts') ? namedInEntity(file) : [];
    return named
      .filter((each) => !isWellNamed(each))
      .map(({ node, name, table = '<table>', suffixes }) => ({
        file,
        line: file.lineOf(node),
        message: name === '' ? 'has an index without a name' : `"${name}" does not say what it guards`,
        hint: `Call it ${table}_<columns>_${suffixes.join(' or ')} (${table}_pkey for the primary key)`,
      }));
  });

function isWellNamed({ name, table = '[a-z0-9_]+?', suffixes }: Named): boolean {
  return suffixes.some((suffix) => {
    const columns = suffix === 'pkey' ? '(_[a-z0-9]+)*' : '(_[a-z0-9]+)+';
    return new RegExp(`^${table}${columns}_${suffix}$`).test(name);
  });
}

const SUFFIXES: Record<string, string[]> = {
  index: ['idx'],
  'unique index': ['key', 'idx'],
  'primary key': ['pkey'],
  unique: ['key'],
  'foreign key': ['fkey'],
  references: ['fkey'],
  check: ['check'],
  exclude: ['excl'],
};

const TABLE = String.raw`(?:"?\w+"?\.)?"?(\w+)"?`;
const STATEMENTS = new RegExp(
  [
    String.raw`\b(?:create|alter)\s+table\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?${TABLE}`,
    String.raw`\bcreate\s+(unique\s+)?index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:"?(\w+)"?\s+)??on\s+(?:only\s+)?${TABLE}`,
    String.raw`\bconstraint\s+"?(\w+)"?\s+(primary\s+key|unique|foreign\s+key|references|check|exclude)`,
  ].join('|'),
  'gi',
);

function namedInSql(file: SourceFile): Named[] {
  const isSql = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
  return [...file.nodes()].filter(isSql).flatMap((node) => {
    let table: string | undefined;
    return [...node.getText().matchAll(STATEMENTS)].flatMap(
      ([, changed, unique, index = '', on, constraint, kind]): Named[] => {
        if (changed !== undefined) table = changed;
        if (on !== undefined) {
          return [
            { node, name: index, table: on, suffixes: SUFFIXES[unique === undefined ? 'index' : 'unique index']! },
          ];
        }
        if (constraint === undefined || kind === undefined) return [];
        const suffixes = SUFFIXES[kind.toLowerCase().replace(/\s+/, ' ')]!;
        return [{ node, name: constraint, ...(table !== undefined && { table }), suffixes }];
      },
    );
  });
}

const DECORATORS: Record<string, string[]> = {
  Index: ['idx', 'key'],
  Unique: ['key'],
  Check: ['check'],
  Exclusion: ['excl'],
};
const OPTIONS: Record<string, string[]> = { primaryKeyConstraintName: ['pkey'], foreignKeyConstraintName: ['fkey'] };

/** What has no name here gets one from the naming strategy, and is judged in the migration. */
function namedInEntity(file: SourceFile): Named[] {
  const table = /@Entity\(\s*(?:\{[^}]*?\bname:\s*)?['"](\w+)['"]/.exec(file.text)?.[1];
  const place = table === undefined ? {} : { table };
  return [...file.nodes()].flatMap((node): Named[] => {
    if (ts.isDecorator(node) && ts.isCallExpression(node.expression)) {
      const { expression, arguments: given } = node.expression;
      const suffixes = DECORATORS[expression.getText()];
      const isUnnamed = !given[0] || !ts.isStringLiteralLike(given[0]);
      if (!suffixes || isUnnamed) return [];
      return [{ node, name: (given[0] as ts.StringLiteralLike).text, ...place, suffixes }];
    }
    if (!ts.isPropertyAssignment(node) || !ts.isStringLiteralLike(node.initializer)) return [];
    const suffixes = OPTIONS[node.name.getText()];
    return suffixes ? [{ node, name: node.initializer.text, ...place, suffixes }] : [];
  });
}
