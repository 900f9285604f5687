// What neither types nor formatting can say. Which way imports go stands in test/house/imports.mjs.
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { TEST_FILES, boundaryRules, boundarySettings } from './test/house/imports.mjs';

const nodeGlobals = Object.getOwnPropertyNames(globalThis);
const commonjsGlobals = ['__dirname', '__filename', 'exports', 'module', 'require'];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

// `_name` says that a parameter is there for the shape only; `{ secret, ...rest }` is how a property is left out.
const unused = { args: 'after-used', argsIgnorePattern: '^_', ignoreRestSiblings: true };

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.cache', '.floodgate', 'test/house/fixtures']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    name: 'typescript',
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // `== null` alone has a use: it takes undefined with it.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': ['error', unused],
      // A promise that leaves a try block without `await` is not caught by it.
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      // A union that grew by a member must be seen by each switch over it.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `async` without `await` turns a throw into a rejection, which is what an interface of promises asks for.
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSEnumDeclaration',
          message: "Say it as a union of strings, type Role = 'user' | 'admin': JSON and OpenAPI carry the same words.",
        },
      ],
    },
  },
  {
    name: 'tests',
    files: TEST_FILES,
    rules: {
      // A test reads answers as they came, `any`, and fails where they differ.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // expect(object.method) does not call it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    name: 'which way imports go',
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: TEST_FILES,
    plugins: { boundaries },
    settings: boundarySettings,
    rules: boundaryRules,
  },
  {
    name: 'the environment is read once',
    files: ['apps/api/**/*.ts', 'libs/**/*.ts'],
    ignores: [...TEST_FILES, 'libs/config/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/config reads process.env: take it from the Config.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['process', 'node:process'].map((name) => ({
            name,
            importNames: ['env'],
            message: 'Only libs/config reads process.env: take it from the Config.',
          })),
        },
      ],
    },
  },
  {
    name: 'features and libs tell what happens as events',
    files: ['apps/api/src/*/**/*.ts', 'libs/**/*.ts'],
    ignores: [...TEST_FILES, 'apps/api/src/commands/**'],
    // A line on stdout is neither redacted nor counted.
    rules: { 'no-console': 'error' },
  },
  {
    name: 'scripts',
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: readonly(nodeGlobals) },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-undef': 'error',
      'no-unused-vars': ['error', unused],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  { name: 'CommonJS scripts', files: ['**/*.cjs'], languageOptions: { globals: readonly(commonjsGlobals) } },
);
