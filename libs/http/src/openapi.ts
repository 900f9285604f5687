// Makes the OpenAPI 3.1 document from what the controllers declare: complete, with every status, header and problem.
import type { INestApplication } from '@nestjs/common';
import { classNamed, nameClass, schemaOf } from './fields';
import { headerParameters, type OpenApiParameter, queryParameters } from './openapi-parameters';
import { operationNamed, type OperationConfig } from './operation';
import { pathParameterOf } from './parameters';
import { definedProblems } from './problem';
import { ProblemDocument } from './problem-view';
import { problemsOf } from './problems-of';
import { RESPONSE_HEADERS } from './response-headers';
import { responseOf } from './responses';
import type { Schema } from './rules';
import { type SecuritySettings, securityOf, securitySchemes } from './security';
import { shareResponses } from './shared-responses';

export interface OpenApiDocument {
  openapi: string;
  info: object;
  servers?: object[];
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: {
    schemas?: Record<string, Schema>;
    responses?: Record<string, unknown>;
    headers?: object;
    securitySchemes?: object;
  };
}

export interface OpenApiOperation {
  operationId: string;
  parameters?: OpenApiParameter[];
  requestBody?: object;
  responses: Record<string, unknown>;
  [member: string]: unknown;
}

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly license: { name: string; identifier: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly security: SecuritySettings;
}

/** The document of an application whose modules are loaded; needs neither a database nor a listening server. */
export async function describeApi(app: INestApplication, api: ApiDescription): Promise<OpenApiDocument> {
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
  const builder = new DocumentBuilder().setOpenAPIVersion('3.1.0').setTitle(api.title).setVersion(api.version);
  for (const [name, description] of Object.entries(api.tags)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
  }) as unknown as OpenApiDocument;

  for (const path of Object.values(document.paths))
    for (const [method, one] of Object.entries(path)) path[method] = complete(method, one);
  const schemas = schemasOf(document);
  return {
    openapi: document.openapi,
    info: { title: api.title, version: api.version, description: api.description, license: api.license },
    servers: [{ url: '/', description: 'This service.' }],
    tags: document.tags,
    paths: document.paths,
    components: {
      schemas,
      responses: shareResponses(document.paths),
      headers: RESPONSE_HEADERS,
      securitySchemes: securitySchemes(api.security),
    },
  };
}

function complete(method: string, operation: OpenApiOperation): OpenApiOperation {
  const described = operationNamed(operation.operationId);
  if (!described) throw new Error(`The handler ${operation.operationId} has no @Operation().`);
  const { config, body, query } = described;
  const path = (operation.parameters ?? [])
    .filter((one) => one.in === 'path')
    .map((one) => {
      const { rule, example } = pathParameterOf(operation.operationId, one.name) ?? {};
      return { ...one, ...(rule && { schema: rule.schema }), ...(example !== undefined && { example }) };
    });
  const { requestBody: _, ...rest } = operation;
  const { summary, description, demands } = config;
  return {
    ...rest,
    summary,
    ...(description !== undefined && { description }),
    parameters: [...path, ...queryParameters(query), ...headerParameters(method, config)],
    ...(body || config.consumes ? { requestBody: requestBodyOf(config, body) } : {}),
    responses: responseOf(method, config, problemsOf(method, described)),
    security: securityOf(method, demands),
  };
}

function requestBodyOf(
  { consumes = ['application/json'], isBodyOptional = false }: OperationConfig,
  body: { name: string } | undefined,
): object {
  const schema = body ? { $ref: `#/components/schemas/${body.name}` } : { type: 'string', minLength: 1 };
  return { required: !isBodyOptional, content: Object.fromEntries(consumes.map((type) => [type, { schema }])) };
}

/** Every class that the document refers to, and those that they refer to. */
function schemasOf(document: OpenApiDocument): Record<string, Schema> {
  nameClass(ProblemDocument);
  const schemas: Record<string, Schema> = {};
  const visit = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (schemas[name]) continue;
      const type = classNamed(name);
      if (!type) throw new Error(`The document refers to ${name}, which is no class with fields.`);
      schemas[name] = schemaOf(type);
      visit(schemas[name]);
    }
  };
  visit(document.paths);
  listCodes(schemas[ProblemDocument.name]);
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** With all codes named, a client's `switch` over them is checked by its compiler. */
function listCodes(schema: Schema | undefined): void {
  const { code } = schema?.['properties'] as Record<string, Schema>;
  Object.assign(code ?? {}, { enum: definedProblems().map((one) => one.code) });
}
