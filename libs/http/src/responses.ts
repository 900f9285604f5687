// The responses of an operation in the API document.
import { limitOf } from './limits';
import type { OperationConfig } from './operation';
import type { ProblemDefinition } from './problem';
import { Problem } from './problem';
import { insufficientScope } from './problems';
import type { Schema } from './rules';

type Header = { $ref: string };

const header = (name: string): [string, Header] => [name, { $ref: `#/components/headers/${name}` }];
const LIMITED = ['RateLimit-Policy', 'RateLimit'];
const DESCRIPTIONS: Record<number, string> = { 201: 'Created.', 202: 'Accepted: it goes on.', 204: 'Done.' };
const ALWAYS = ['X-Request-Id', 'Server-Timing', 'Cache-Control'];

export function responseOf(
  method: string,
  config: OperationConfig,
  problems: readonly ProblemDefinition[],
): Record<string, unknown> {
  const { status = 200, otherStatus, isPublic } = config;
  const success = [status, ...(otherStatus === undefined ? [] : [otherStatus])].map(
    (one) => [one, successOf(method, config, one)] as const,
  );
  const limited = limitOf(config, method) === undefined ? [] : LIMITED;
  const statuses = new Set(problems.map((one) => one.status));
  return Object.fromEntries([
    ...success,
    ...(isPublic
      ? [
          [
            304,
            { description: 'What the caller has is current.', headers: headers('ETag', 'Cache-Status', 'Vary') },
          ] as const,
        ]
      : []),
    ...[...statuses].map(
      (one) =>
        [
          one,
          refusalOf(
            problems.filter((problem) => problem.status === one),
            limited,
            config.setsCookie === true,
          ),
        ] as const,
    ),
  ]);
}

function successOf(method: string, config: OperationConfig, status: number): object {
  const {
    answers,
    produces = ['application/json'],
    isPublic,
    isUnstored,
    isVersioned,
    location,
    isIdempotent,
    setsCookie,
  } = config;
  const isPage = typeof answers === 'function' && answers.name.endsWith('Page');
  const names = [
    ...(limitOf(config, method) === undefined ? [] : LIMITED),
    ...(isPublic || isVersioned ? ['ETag'] : []),
    ...(isPublic ? ['Cache-Status', 'Vary'] : []),
    ...(method === 'get' || isUnstored ? [] : ['Consistency-Token']),
    ...(location !== undefined && status !== 200 ? ['Location'] : []),
    ...(isPage ? ['Link'] : []),
    ...(isIdempotent ? ['Idempotency-Replayed'] : []),
    ...(setsCookie ? ['Set-Cookie'] : []),
  ];
  const schema: Schema =
    typeof answers === 'function' ? { $ref: `#/components/schemas/${answers.name}` } : { type: 'string' };
  return {
    description: DESCRIPTIONS[status] ?? 'The answer.',
    headers: headers(...names),
    ...(answers !== undefined && { content: Object.fromEntries(produces.map((type) => [type, { schema }])) }),
  };
}

function refusalOf(definitions: readonly ProblemDefinition[], limited: readonly string[], setsCookie: boolean): object {
  const status = definitions[0]?.status;
  const names = [
    ...(status === 429 || status === 401 ? limited : []),
    ...(status === 401 || definitions.includes(insufficientScope.definition) ? ['WWW-Authenticate'] : []),
    ...(status === 503 || status === 429 ? ['Retry-After'] : []),
    ...(status === 412 ? ['ETag'] : []),
    ...(status === 401 && setsCookie ? ['Set-Cookie'] : []),
  ];
  const example = (definition: ProblemDefinition) => ({
    summary: definition.title,
    value: new Problem(definition, `${definition.title}.`).toDocument('01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69'),
  });
  return {
    description: definitions.map(({ code, title }) => `\`${code}\`: ${title}.`).join(' '),
    headers: headers(...names),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/ProblemDocument' },
        examples: Object.fromEntries(definitions.map((one) => [one.code, example(one)])),
      },
    },
  };
}

const headers = (...names: string[]): Record<string, Header> => Object.fromEntries([...ALWAYS, ...names].map(header));
