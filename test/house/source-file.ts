import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export class SourceFile {
  private parsed?: ts.SourceFile;

  /** @param path relative to the root of the tree, with `/`. */
  constructor(
    readonly path: string,
    readonly text: string,
  ) {}

  get isCode(): boolean {
    return /\.([cm]?js|ts)$/.test(this.path);
  }

  get isTest(): boolean {
    return /\.(test|spec|fixture)\.ts$/.test(this.path);
  }

  /** The name in the last folder, without `.ts`. */
  get name(): string {
    return this.path.replace(/^.*\//, '').replace(/\.([cm]?js|ts)$/, '');
  }

  get lineCount(): number {
    return this.text.trimEnd().split('\n').length;
  }

  get syntax(): ts.SourceFile {
    return (this.parsed ??= ts.createSourceFile(this.path, this.text, ts.ScriptTarget.Latest, true));
  }

  /** Each node of the syntax tree; comments are none. */
  *nodes(node: ts.Node = this.syntax): Generator<ts.Node> {
    yield node;
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    for (const child of children) yield* this.nodes(child);
  }

  lineOf(position: ts.Node | number): number {
    const offset = typeof position === 'number' ? position : position.getStart(this.syntax);
    return this.text.slice(0, offset).split('\n').length;
  }
}

/** The text files below `root`; `ignored` are paths, or names, or endings such as `*.log`. */
export function readTree(root: string, ignored: readonly string[] = []): SourceFile[] {
  const isIgnored = (path: string, name: string): boolean =>
    ignored.some((entry) => (entry.startsWith('*') ? name.endsWith(entry.slice(1)) : entry === name || entry === path));

  const walk = (folder: string): SourceFile[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isIgnored(path, entry.name)) return [];
      if (entry.isDirectory()) return walk(path);
      if (!entry.isFile()) return [];
      const text = readFileSync(join(root, path), 'utf8');
      return text.includes('\0') ? [] : [new SourceFile(path, text)];
    });
  return walk('');
}

/** What `.gitignore` names is not the repository: the house has no say there. */
export function readRepository(root: string): SourceFile[] {
  const lines = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
  const ignored = lines.map((line) => line.trim().replace(/^\/|\/$/g, '')).filter((line) => line !== '');
  return readTree(root, [...ignored, '.git', 'test/house/fixtures']);
}
