import ts from 'typescript';
import type { Rule, Violation } from '../rule';
import type { SourceFile } from '../source-file';

const FEATURE_FILE = /^apps\/api\/src\/(?!commands\/)([^/]+)\/(.+)$/;
const WORD = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';

/** `items/items.service.ts`, `items/items.import.ts`, `items/items.import.test.ts`, `items/item.entity.ts`. */
export const featureFiles: Rule = (files) =>
  files.flatMap((file): Violation[] => {
    const [, folder, name] = FEATURE_FILE.exec(file.path) ?? [];
    if (folder === undefined || name === undefined) return [];
    const isEntity = new RegExp(`^${WORD}\\.entity\\.ts$`).test(name) && !name.startsWith(`${folder}.`);
    const isRole = new RegExp(`^${folder}(\\.${WORD}){1,3}\\.ts$`).test(name) && !name.endsWith('.entity.ts');
    if (isEntity || isRole) return [];
    const roles = `${folder}.{module,controller,dto,service,repository,test}.ts, the singular in <singular>.entity.ts`;
    const hint = `Files of this folder are ${roles}, and splits along a word of the business such as ${folder}.import.ts`;
    return [{ file, message: 'is not named by its feature and role', hint }];
  });

/** One `return` leaves no room for rules, queries or mapping in a controller. */
export const oneReturn: Rule = (files) =>
  files
    .filter(({ path }) => path.endsWith('.controller.ts'))
    .flatMap((file) => handlersOf(file).map((handler) => ({ file, handler })))
    .filter(({ handler }) => !handler.body?.statements[0] || !ts.isReturnStatement(handler.body.statements[0]))
    .map(({ file, handler }) => ({
      file,
      line: file.lineOf(handler.name),
      message: `${handler.name.getText()} is more than one return`,
      hint: 'What is promised belongs to the service, what is asked and answered to the dto',
    }));

/** What a controller decorates is a route, whether by `@Get()` or by a decorator of our own. */
const handlersOf = (file: SourceFile): ts.MethodDeclaration[] =>
  [...file.nodes()].filter(ts.isMethodDeclaration).filter((method) => ts.getDecorators(method) !== undefined);
