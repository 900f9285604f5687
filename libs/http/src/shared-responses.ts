// States each set of problems once, under a name made of its status and codes, instead of in every operation.
import type { OpenApiDocument } from './openapi';

interface Refused {
  readonly content?: { readonly 'application/problem+json'?: { readonly examples: object } };
}

/** Moves the problem responses of all operations to `components.responses`, which it returns. */
export function shareResponses(paths: OpenApiDocument['paths']): Record<string, unknown> {
  const shared: Record<string, unknown> = {};
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path)))
    for (const [status, response] of Object.entries(operation.responses)) {
      const examples = (response as Refused).content?.['application/problem+json']?.examples;
      if (!examples) continue;
      const name = [status, ...Object.keys(examples)].join('-');
      shared[name] ??= response;
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
  return Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)));
}
