// States each set of problems once, under a name made of its status and codes, instead of in every operation.
import { isDeepStrictEqual } from 'node:util';

interface Refused {
  readonly content?: { readonly 'application/problem+json'?: { readonly examples: object } };
}

/** The paths of an OpenAPI document. */
type Paths = Record<string, Record<string, { responses: Record<string, unknown> }>>;

/** Moves the problem responses of all operations to `components.responses`, which it returns. */
export function shareResponses(paths: Paths): Record<string, unknown> {
  const shared: Record<string, unknown> = {};
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path)))
    for (const [status, response] of Object.entries(operation.responses)) {
      const examples = (response as Refused).content?.['application/problem+json']?.examples;
      if (!examples) continue;
      const name = nameIn(shared, [status, ...Object.keys(examples)].join('-'), response);
      shared[name] = response;
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
  return Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Two operations may refuse for the same reasons, and one of them with headers of its own. */
function nameIn(shared: Record<string, unknown>, plain: string, response: unknown): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? plain : `${plain}-${n}`;
    if (!(name in shared) || isDeepStrictEqual(shared[name], response)) return name;
  }
}
