import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@app/config';
import { definedProblems, describeApi, yamlOf } from '@app/http';
import { createLogger } from '@app/telemetry';
import { API } from '../api-description';
import { createApp } from '../create-app';
import { fail } from '../failure';
import type { Command } from './context';

/** Never connected to: the document is made from the code alone. */
const NOWHERE = { DATABASE_URL: 'postgres://nobody@localhost/none', JWT_SECRET: 'not used, but 32 bytes are required' };

/** `npm run openapi`: writes the committed documents; with `--check` it only says whether they are current. */
export const runOpenapi: Command = async (args) => {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean', default: false } } });
  const stale: string[] = [];
  for (const [name, content] of Object.entries(await documents())) {
    const path = join(process.cwd(), 'docs', name);
    if (!values.check) writeFileSync(path, content);
    else if (contentOf(path) !== content) stale.push(`docs/${name}`);
  }
  if (stale.length > 0)
    process.stderr.write(`${stale.join(', ')} do not say what the code says: run \`npm run openapi\`.\n`);
  else if (!values.check) process.stdout.write('Wrote docs/openapi.json, docs/openapi.yaml and docs/problems.md.\n');
  return stale.length > 0 ? 1 : 0;
};

async function documents(): Promise<Record<string, string>> {
  const config = { ...loadConfig(NOWHERE), databaseUrl: NOWHERE.DATABASE_URL, jwtSecret: NOWHERE.JWT_SECRET };
  const app = await createApp({ ...config, logger: createLogger({ logLevel: 'silent' }), onUnfitDatabase: fail });
  const document = await describeApi(app, API);
  return {
    'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
    'openapi.yaml': await yamlOf(document),
    'problems.md': problemsTable(),
  };
}

function problemsTable(): string {
  const rows = definedProblems().map(({ status, code, title }) => `| ${status} | \`${code}\` | ${title} |`);
  return `# Problems

Every error is \`application/problem+json\` (RFC 9457) with one of these codes. Codes never change their meaning.

| status | code | meaning |
| ---: | --- | --- |
${rows.join('\n')}
`;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
