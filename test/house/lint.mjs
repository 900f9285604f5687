// Lints with the configuration of the repository what stdin names; Jest cannot load that ESM itself.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const { texts, folder } = JSON.parse(await text(process.stdin));
const forTypeScript = (parserOptions) => ({ files: ['**/*.ts'], languageOptions: { parserOptions } });
const reportsOf = ({ messages }) => messages.map(({ ruleId, message }) => ({ rule: ruleId, message }));

/** The files of these texts need not exist, so their types are not known. */
const untyped = new ESLint({
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] }, forTypeScript({ project: false })],
});
const ofTexts = texts.map(({ file, code }) => untyped.lintText(code, { filePath: file }));

const typed = new ESLint({ ignore: false, overrideConfig: [forTypeScript({ project: `${folder}/tsconfig.json` })] });
const ofFolder = await typed.lintFiles(`${folder}/*.ts`);

process.stdout.write(
  JSON.stringify({
    texts: (await Promise.all(ofTexts)).map(([result]) => reportsOf(result)),
    folder: Object.fromEntries(ofFolder.map((result) => [result.filePath, reportsOf(result)])),
  }),
);
