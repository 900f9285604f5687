// The operations of the OpenAPI document, in the shape in which requests are made of them.
import type { OpenApiDocument } from '../../../libs/http/src/openapi';
import type { OpenApiParameter } from '../../../libs/http/src/openapi-parameters';

export type Schema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** What ids are ids of. */
  readonly collection: string;
  readonly parameters: readonly OpenApiParameter[];
  /** By media type. */
  readonly bodies: readonly (readonly [type: string, schema: Schema])[];
  readonly isBodyOptional: boolean;
  readonly produces: readonly string[];
  readonly demandsLogin: boolean;
  /** How often it is asked, compared with others. */
  readonly weight: number;
}

type Content = Record<string, { schema: Schema }>;
type RequestBody = { content?: Content; required?: boolean };

/** Hashing a password takes as long as twenty other requests; and whoever ends an account makes the next one necessary. */
const weightOf = (schemas: string): number => (schemas.includes('"format":"password"') ? 5 : 8);

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const { content: body = {}, required = true } = (operation.requestBody ?? {}) as RequestBody;
      const bodies = Object.entries(body).map(([type, { schema }]) => [type, schema] as const);
      const success = Object.entries(operation.responses).find(([status]) => status < '300')?.[1];
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        collection: /^\/v1\/(?:auth\/)?([^/]+)/.exec(path)?.[1] ?? '',
        parameters: operation.parameters ?? [],
        bodies,
        isBodyOptional: !required,
        produces: Object.keys((success as { content?: Content }).content ?? {}),
        demandsLogin: (operation['security'] as object[]).length > 0,
        weight: weightOf(JSON.stringify(bodies.map(([, schema]) => resolved(document, schema)))),
      };
    }),
  );
}

/** The schema itself, where it only refers to one. */
export function resolved({ components }: OpenApiDocument, schema: Schema): Schema {
  const { $ref, ...rest } = schema;
  return typeof $ref === 'string' ? { ...components.schemas?.[$ref.split('/').at(-1) ?? ''], ...rest } : schema;
}
