// What the document lists for each answer of each operation, in the shape in which answers are held against it.
import type { OpenApiDocument } from '@app/http';

interface Response {
  readonly $ref?: string;
  readonly headers?: object;
  readonly content?: Readonly<Record<string, { examples?: object }>>;
}

export interface ListedAnswer {
  /** In lower case. */
  readonly headers: readonly string[];
  /** Of problems; undefined for other answers. */
  readonly codes: readonly string[] | undefined;
}

/** By operation and status. */
export type Listed = ReadonlyMap<string, ReadonlyMap<number, ListedAnswer>>;

export function expectedCodes({ paths, components }: OpenApiDocument): Listed {
  const responseOf = (one: Response): Response =>
    one.$ref === undefined ? one : (components.responses?.[one.$ref.split('/').at(-1) ?? ''] as Response);
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  return new Map(
    operations.map(({ operationId, responses }) => [
      operationId,
      new Map(
        Object.entries(responses).map(([status, one]) => {
          const { headers = {}, content } = responseOf(one as Response);
          const examples = content?.['application/problem+json']?.examples;
          const names = Object.keys(headers).map((name) => name.toLowerCase());
          return [Number(status), { headers: names, codes: examples && Object.keys(examples) }];
        }),
      ),
    ]),
  );
}
