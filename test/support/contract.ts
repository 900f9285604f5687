// Holds an answer against the OpenAPI document: status, media type, headers and body must all be what it says.
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import findMyWay, { type HTTPMethod } from 'find-my-way';
import type { OpenApiDocument, OpenApiOperation } from '../../libs/http/src/openapi';

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface ResponseObject {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: object }>;
}

/** Refusals in front of every operation, which the document describes once in its text. */
const TRANSPORT = [408, 414, 417, 431];

export class Contract {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly router = findMyWay();
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenApiDocument) {
    addFormats(this.ajv);
    this.ajv.addFormat('iso-4217', true);
    this.ajv.addSchema({ $id: 'contract', components: document.components });
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(operations))
        this.router.on(
          method.toUpperCase() as HTTPMethod,
          path.replace(/\{(\w+)\}/g, ':$1'),
          () => undefined,
          operation,
        );
  }

  /** Throws when the answer is not one that the document allows. */
  verify(answered: Answered): void {
    const method = answered.method === 'HEAD' ? 'GET' : answered.method;
    const found = this.router.find(method as HTTPMethod, answered.path.split('?')[0] ?? '');
    // The service takes an empty segment for no value at all, and such a path for none of its own.
    if (!found || Object.values(found.params).includes('')) return;
    const operation = found.store as OpenApiOperation;
    if (TRANSPORT.includes(answered.status)) return;
    const where = `${operation.operationId} answered ${answered.status}`;
    const response = this.resolve(operation.responses[answered.status]);
    if (!response) throw new Error(`${where}, which the document does not list: ${answered.text.slice(0, 300)}`);
    for (const name of ['X-Request-Id', 'Server-Timing', 'Cache-Control'])
      if (answered.headers[name.toLowerCase()] === undefined) throw new Error(`${where} without ${name}.`);
    if (answered.method === 'HEAD') return;
    this.verifyBody(where, response, answered);
  }

  private resolve(response: unknown): ResponseObject | undefined {
    const [, name] =
      /^#\/components\/responses\/(.+)$/.exec((response as { $ref?: string } | undefined)?.$ref ?? '') ?? [];
    return (name === undefined ? response : this.document.components.responses?.[name]) as ResponseObject | undefined;
  }

  private verifyBody(where: string, { content }: ResponseObject, { headers, text }: Answered): void {
    if (!content) {
      if (text !== '') throw new Error(`${where} with a body: ${text.slice(0, 300)}`);
      return;
    }
    const type = String(headers['content-type']).split(';')[0] ?? '';
    const media = content[type];
    if (!media) throw new Error(`${where} as ${type}; the document lists ${Object.keys(content).join(', ')}.`);
    if (!/[/+]json$/.test(type)) return;
    const validate = this.validatorOf(media.schema);
    if (!validate(JSON.parse(text)))
      throw new Error(
        `${where} with a body that breaks its schema: ${this.ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`,
      );
  }

  private validatorOf(schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"contract#/components');
    const known = this.validators.get(text) ?? this.ajv.compile(JSON.parse(text) as object);
    this.validators.set(text, known);
    return known;
  }
}
