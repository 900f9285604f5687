import type { Rule } from './rule';
import { fileLength, medianLength, nineOfTen } from './rules/budgets';
import { importCycles } from './rules/cycles';
import { featureFiles, oneReturn } from './rules/features';
import { machinePaths, notesToSelf, unrunTests } from './rules/leftovers';
import { businessWords, libComment, libDoor } from './rules/libs';
import { emptyWords, interfacePrefix } from './rules/names';
import { migrationNames, schemaNames } from './rules/schema';

/** Each has a folder of the same name in `fixtures`: a small repository in which it, and nothing else, is broken. */
export const rules = {
  'business-words': businessWords,
  'empty-words': emptyWords,
  'feature-files': featureFiles,
  'file-length': fileLength,
  'import-cycles': importCycles,
  'interface-prefix': interfacePrefix,
  'lib-comment': libComment,
  'lib-door': libDoor,
  'machine-paths': machinePaths,
  'median-length': medianLength,
  'migration-names': migrationNames,
  'nine-of-ten': nineOfTen,
  'notes-to-self': notesToSelf,
  'one-return': oneReturn,
  'schema-names': schemaNames,
  'unrun-tests': unrunTests,
} satisfies Record<string, Rule>;
