// Prints, as JSON, what the recommended rules of Redocly's linter have against the OpenAPI document on standard input.
import { text } from 'node:stream/consumers';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const config = await createConfig({ extends: ['recommended'] });
const problems = await lintFromString({ source: await text(process.stdin), absoluteRef: 'openapi.json', config });
const found = problems.map(({ ruleId, severity, message, location }) => ({
  ruleId,
  severity,
  message,
  pointer: location[0]?.pointer,
}));
process.stdout.write(JSON.stringify(found));
