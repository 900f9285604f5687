// Holds the OpenAPI document itself to what a stranger may expect of it: valid, closed, described, with true examples.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import type { OpenApiDocument, OpenApiOperation } from '@app/http';
import { TestApi } from '../support/api';

type Node = Record<string, unknown>;
interface Schema extends Node {
  properties?: Record<string, Schema>;
  required?: string[];
  examples?: unknown[];
  description?: string;
}

/** Fields whose name says all there is to say. */
const SELF_EXPLAINING = `
  id sku name description stock tags attributes ownerId createdAt updatedAt data page op item atomic detail
  email password displayName role status currentPassword newPassword tokenType token_type grant_type database
  created updated stockMin
`
  .trim()
  .split(/\s+/);

/** Every object below a value, with its JSON pointer. */
function* nodesOf(value: unknown, pointer = '#'): Generator<[pointer: string, node: Node]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [pointer, value as Node];
  for (const [name, part] of Object.entries(value)) yield* nodesOf(part, `${pointer}/${name.replaceAll('/', '~1')}`);
}

describe('the OpenAPI document', () => {
  let api: TestApi;
  let json: string;
  let yaml: string;
  let document: OpenApiDocument & { tags: { name: string; description: string }[] };
  let operations: [name: string, operation: OpenApiOperation][];
  let schemas: [name: string, schema: Schema][];
  const ajv = new Ajv2020({ strict: false, allErrors: true });

  beforeAll(async () => {
    api = await TestApi.start();
    json = (await api.get('/openapi.json')).text;
    yaml = (await api.get('/openapi.yaml')).text;
    document = JSON.parse(json);
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): [string, OpenApiOperation] => [
        `${method.toUpperCase()} ${path}`,
        one,
      ]),
    );
    schemas = Object.entries(document.components.schemas ?? {});
    addFormats(ajv);
    ajv.addFormat('iso-4217', true);
    ajv.addSchema({ $id: 'document', components: document.components });
  });

  afterAll(() => api.close());

  const faultsOf = (schema: unknown, value: unknown): string | null => {
    const rooted = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const validate = ajv.compile(JSON.parse(rooted));
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
  const resolved = (pointer: string): unknown =>
    pointer
      .slice(2)
      .split('/')
      .reduce<unknown>((node, part) => (node as Node | undefined)?.[part.replaceAll('~1', '/')], document);

  it('breaks none of the recommended rules of a well-known linter', () => {
    const linter = join(__dirname, 'lint-openapi.mjs');
    expect(JSON.parse(execFileSync(process.execPath, [linter], { input: json, encoding: 'utf8' }))).toEqual([]);
  });

  it('is the same in JSON and in YAML', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(parse(yaml)).toEqual(document);
    expect(yaml).not.toMatch(/[&*]a\d/);
  });

  it('gives every operation an id of its own, a summary, a tag that is described, and says who may call it', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    for (const [name, { operationId, summary, tags: own, security, responses }] of operations) {
      const statuses = Object.keys(responses);
      const isOpen = Array.isArray(security) && security.length === 0;
      expect({ name, operationId }).toEqual({ name, operationId: expect.stringMatching(/^[a-z]+[A-Za-z]*$/) });
      expect({ name, summary }).toEqual({ name, summary: expect.stringMatching(/^[A-Z].{3,}[^.]$/) });
      expect({ name, tags: (own as string[]).filter((tag) => tags.includes(tag)).length }).toEqual({ name, tags: 1 });
      const keys = [[], [{ apiKey: [name.startsWith('GET ') ? 'read' : 'write'] }]];
      const secured = keys.map((key) => ({ name, security: [{ password: [] }, { bearer: [] }, ...key] }));
      expect([{ name, security: [] }, ...secured]).toContainEqual({ name, security });
      expect({ name, statuses }).toEqual({ name, statuses: expect.arrayContaining(['400', '500', '503']) });
      if (!isOpen) expect({ name, statuses }).toEqual({ name, statuses: expect.arrayContaining(['401']) });
      expect({ name, successes: statuses.filter((one) => one < '300').length > 0 }).toEqual({ name, successes: true });
    }
    for (const { name, description } of document.tags)
      expect({ name, description }).toEqual({ name, description: expect.stringMatching(/\.$/) });
  });

  it('describes every parameter and header', () => {
    for (const [name, { parameters = [] }] of operations)
      for (const one of parameters)
        expect({
          name,
          parameter: one.name,
          isClear: Boolean(one.description ?? one['example']) || SELF_EXPLAINING.includes(one.name),
        }).toEqual({
          name,
          parameter: one.name,
          isClear: true,
        });
    for (const [name, header] of Object.entries(document.components.headers ?? {}))
      expect({ name, ...(header as Node) }).toMatchObject({ name, description: expect.stringMatching(/\.$/) });
  });

  it('closes every object: what is not described is not there', () => {
    for (const [pointer, node] of nodesOf(document)) {
      if (node['type'] !== 'object' && !(Array.isArray(node['type']) && node['type'].includes('object'))) continue;
      const rest = node['additionalProperties'];
      expect({ pointer, isClosed: rest === false || (typeof rest === 'object' && rest !== null) }).toEqual({
        pointer,
        isClosed: true,
      });
      for (const name of (node as Schema).required ?? []) expect((node as Schema).properties).toHaveProperty([name]);
    }
  });

  it('refers to nothing that is missing, and has nothing that nobody refers to', () => {
    const used = new Set(
      [...nodesOf(document)].flatMap(([, node]) => (typeof node['$ref'] === 'string' ? node['$ref'] : [])),
    );
    for (const ref of used) expect({ ref, isThere: resolved(ref) !== undefined }).toEqual({ ref, isThere: true });
    const secured = new Set(operations.flatMap(([, { security }]) => (security as Node[]).flatMap(Object.keys)));
    const { securitySchemes = {}, ...components } = document.components;
    expect(Object.keys(securitySchemes).sort()).toEqual([...secured].sort());
    for (const [kind, all] of Object.entries(components))
      for (const name of Object.keys(all)) expect([...used]).toContain(`#/components/${kind}/${name}`);
  });

  it('describes every field that does not explain itself', () => {
    const silent = schemas.flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([field, { description }]) => description === undefined && !SELF_EXPLAINING.includes(field))
        .map(([field]) => `${name}.${field}`),
    );
    expect(silent).toEqual([]);
  });

  it('shows only examples that its own schemas allow', () => {
    let examples = 0;
    const check = (pointer: string, schema: unknown, value: unknown): void => {
      examples++;
      expect({ pointer, value, faults: faultsOf(schema, value) }).toEqual({ pointer, value, faults: null });
    };
    for (const [pointer, node] of nodesOf(document)) {
      for (const value of Array.isArray(node['examples']) ? (node['examples'] as unknown[]) : [])
        check(pointer, node, value);
      if (node['default'] !== undefined && pointer.includes('/schema')) check(pointer, node, node['default']);
      if (node['schema'] === undefined) continue;
      if ('example' in node) check(pointer, node['schema'], node['example']);
      for (const one of Object.values((node['examples'] ?? {}) as Record<string, { value: unknown }>))
        check(pointer, node['schema'], one.value);
    }
    expect(examples).toBeGreaterThan(150);
  });

  it('has bodies whose examples make a whole that is allowed', () => {
    const bodiesOf = ({ requestBody }: OpenApiOperation) =>
      [...nodesOf(requestBody)].flatMap(([, { $ref }]) => (typeof $ref === 'string' ? [$ref] : []));
    const bodies = operations.flatMap(([name, operation]) => bodiesOf(operation).map(($ref) => ({ name, $ref })));
    expect(bodies.length).toBeGreaterThan(8);
    for (const { name, $ref } of bodies) {
      const { properties = {}, required = [] } = resolved($ref) as Schema;
      if (!required.every((field) => properties[field]?.examples)) continue;
      const exampled = Object.entries(properties).filter(([, { examples }]) => examples !== undefined);
      const body = Object.fromEntries(exampled.map(([field, { examples }]) => [field, examples?.[0]]));
      expect({ name, body, faults: faultsOf({ $ref }, body) }).toEqual({ name, body, faults: null });
    }
  });

  it('names only problems that the page of problems explains', async () => {
    const { text } = await api.get('/docs/problems');
    const codes = new Set(
      [...nodesOf(document.components.responses)].flatMap(([, { type, code }]) =>
        typeof code === 'string' && typeof type === 'string' ? [`${type} ${code}`] : [],
      ),
    );
    expect(codes.size).toBeGreaterThan(20);
    for (const one of codes) {
      const [type, code] = one.split(' ');
      expect(type).toBe(`/docs/problems#${code}`);
      expect(text).toContain(`<tr id="${code}">`);
    }
  });
});
