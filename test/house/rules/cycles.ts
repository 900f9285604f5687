import { posix } from 'node:path';
import ts from 'typescript';
import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';

/** Type-only imports count too: two files that need each other's types are one file, or three. */
export const importCycles: Rule = (files) => {
  const byPath = new Map(files.filter((file) => file.isCode).map((file) => [file.path, file]));
  const finished = new Set<SourceFile>();
  const violations: Violation[] = [];

  const visit = (file: SourceFile, way: readonly SourceFile[]): void => {
    if (way.includes(file)) {
      violations.push(cycleOf(way.slice(way.indexOf(file))));
    } else if (!finished.has(file)) {
      for (const imported of importsOf(file, byPath)) visit(imported, [...way, file]);
      finished.add(file);
    }
  };
  for (const file of byPath.values()) visit(file, []);
  return violations;
};

function cycleOf(cycle: readonly SourceFile[]): Violation {
  const [first, ...others] = cycle;
  return {
    file: first!,
    message: `imports itself: ${[...others, first!].map(({ path }) => path).join(' → ')}`,
    hint: 'Move what both need into a third file, or turn one of the imports into a parameter',
  };
}

function importsOf(file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): SourceFile[] {
  return ts.preProcessFile(file.text, true, true).importedFiles.flatMap(({ fileName }) => {
    const target = targetOf(fileName, posix.dirname(file.path));
    const found = target === undefined ? undefined : candidates(target).find((path) => byPath.has(path));
    return found === undefined ? [] : [byPath.get(found)!];
  });
}

function targetOf(specifier: string, folder: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(folder, specifier);
  const lib = /^@app\/([^/]+)$/.exec(specifier)?.[1];
  return lib === undefined ? undefined : `libs/${lib}/src`;
}

const candidates = (target: string): string[] => [target, `${target}.ts`, `${target}/index.ts`];
