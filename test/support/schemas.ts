// Holds what stands in deploy against the schemas of those who read it: Kubernetes 1.27, Compose, Kustomize. Unknown fields are refused.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv, { type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';

/** What a YAML file holds. */
export type Document = Record<string, unknown>;

/** Sentences that begin with a JSON Pointer to the place. */
export type Faults = readonly string[];

const ajv = addFormats(new Ajv({ allErrors: true, strict: false }));

const told = (errors: readonly ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(({ instancePath, keyword, message = '', params }) =>
    keyword === 'additionalProperties'
      ? unknown(`${instancePath}/${params.additionalProperty}`)
      : `${instancePath} ${message}${keyword === 'enum' ? `: ${params.allowedValues.join(', ')}` : ''}`,
  );
const unknown = (path: string): string => `${path} is no field that is known here`;

export async function kubernetesFaults(document: Document): Promise<Faults> {
  const { apiVersion, kind } = document;
  const found = await import(`kubernetes-models/${String(apiVersion)}/${String(kind)}`).catch(() => undefined);
  if (!found) return [`/kind ${String(kind)} is none of ${String(apiVersion)}`];
  const watch = new Watch();
  try {
    found[String(kind)].prototype.validate.call(watch.over(document));
    return watch.passedOver().map(unknown);
  } catch (error) {
    return [...told((error as { errors?: ErrorObject[] }).errors), ...watch.passedOver().map(unknown)];
  }
}

/**
 * The validators of kubernetes-models let unknown fields pass, and keep no list of the known ones. But they ask a document for each field
 * that they know: what they have not asked for, they do not know.
 */
class Watch {
  private readonly asked = new Set<string>();
  private readonly visited = new Map<string, object>();

  over(value: unknown, path = ''): unknown {
    if (typeof value !== 'object' || value === null) return value;
    this.visited.set(path, value);
    return new Proxy(value, {
      get: (target, name) => {
        const member = `${path}/${String(name)}`;
        this.asked.add(member);
        return typeof name === 'string' && Object.hasOwn(target, name)
          ? this.over(Reflect.get(target, name), member)
          : Reflect.get(target, name);
      },
    });
  }

  passedOver(): string[] {
    const members = [...this.visited].flatMap(([path, value]) => Object.keys(value).map((name) => `${path}/${name}`));
    return members.filter((member) => !this.asked.has(member));
  }
}

/** Of the Compose specification, as dclint brings it along. Its `$schema` names draft 7 by an address that Ajv does not know. */
const { $schema: _, ...compose } = JSON.parse(
  readFileSync(join(dirname(require.resolve('dclint/package.json')), 'schemas/compose.schema.json'), 'utf8'),
);
const isCompose = ajv.compile(compose);

export function composeFaults(document: Document): Faults {
  return isCompose(document) ? [] : told(isCompose.errors);
}

const strict = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string', minLength: 1 };
const texts = { type: 'object', additionalProperties: text };
const list = (items: object): object => ({ type: 'array', items });

/** No package has it: the fields that are used here, by their names in Kustomize. */
const isKustomization = ajv.compile(
  strict(
    {
      apiVersion: { const: 'kustomize.config.k8s.io/v1beta1' },
      kind: { const: 'Kustomization' },
      namespace: text,
      resources: list(text),
      labels: list(strict({ pairs: texts, includeSelectors: { type: 'boolean' } }, ['pairs'])),
      images: list(strict({ name: text, newName: text, newTag: text, digest: text }, ['name'])),
    },
    ['apiVersion', 'kind', 'resources'],
  ),
);

export function kustomizationFaults(document: Document): Faults {
  return isKustomization(document) ? [] : told(isKustomization.errors);
}
