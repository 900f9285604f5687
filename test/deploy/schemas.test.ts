// Whether Kubernetes, Kustomize and Compose would take what stands in deploy: each field has a name that they know, and a value of its kind.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { DEPLOY } from '../support/proxies';
import { composeFaults, type Document, type Faults, kubernetesFaults, kustomizationFaults } from '../support/schemas';

type Named = [name: string, document: Document];
type Check = (document: Document) => Faults | Promise<Faults>;

const FOLDER = join(DEPLOY, 'kubernetes');

/** @returns the documents of a file, each behind the words that name it */
function documentsOf(...path: string[]): Named[] {
  const file = join(...path);
  return parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((parsed) => {
    const document: Document = parsed.errors.length > 0 ? { errors: parsed.errors } : parsed.toJS();
    const { kind = '', metadata } = document;
    const { name = '' } = (metadata ?? {}) as { name?: string };
    return [`${relative(DEPLOY, file)} ${String(kind)} ${name}`.trim(), document];
  });
}

const objects = readdirSync(FOLDER)
  .filter((name) => name !== 'kustomization.yaml')
  .flatMap((name) => documentsOf(FOLDER, name));
const rows: [...Named, Check][] = [
  ...objects.map((one): [...Named, Check] => [...one, kubernetesFaults]),
  ...documentsOf(FOLDER, 'kustomization.yaml').map((one): [...Named, Check] => [...one, kustomizationFaults]),
  ...documentsOf(DEPLOY, 'compose.yaml').map((one): [...Named, Check] => [...one, composeFaults]),
];

/** Their members have names of ours: labels, variables, services. What meets them is tested with the manifests. */
const OURS =
  /\/(?:matchLabels|pairs|data|stringData|requests|limits|environment|depends_on)$|^\/(?:services|volumes|networks)$/;

/** The pointers to all fields whose names are not ours. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const field = `${path}/${name}`;
    // Compose passes over what begins so; it is merged into services, where it is looked at.
    if (name.startsWith('x-')) return [];
    const isOurs = Array.isArray(value) || OURS.test(path) || name.includes('/');
    return [...(isOurs ? [] : [field]), ...fieldsOf(member, field)];
  });
}

function misspell(document: Document, field: string): Document {
  const copy = structuredClone(document);
  const names = field.slice(1).split('/');
  const last = names.pop() as string;
  const parent = names.reduce((value, name) => value[name] as Document, copy);
  parent[`${last}_`] = parent[last];
  delete parent[last];
  return copy;
}

describe.each(rows)('%s', (name, document, faultsOf) => {
  it('has no fault', async () => {
    expect((await faultsOf(document)).map((fault) => `${name} ${fault}`)).toEqual([]);
  });

  it('would have one with any field misspelt', async () => {
    // Who reads it by its kind finds no schema without.
    const fields = fieldsOf(document).filter((field) => !['/apiVersion', '/kind'].includes(field));
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields)
      expect((await faultsOf(misspell(document, field))).join('\n')).toContain(`${field}_ is no field`);
    if (document.kind !== undefined) expect(await faultsOf(misspell(document, '/kind'))).not.toEqual([]);
  });
});

it.each<[string, Document, string]>([
  ['of a text that is none of a few', { imagePullPolicy: 'Allways' }, '/imagePullPolicy must be equal to one of'],
  ['of a number', { ports: [{ containerPort: '3000' }] }, '/ports/0/containerPort must be integer'],
  ['of an amount', { resources: { limits: { memory: '1 GB' } } }, '/resources/limits/memory must match format'],
])('a value that is wrong is a fault: %s', async (_, container, fault) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'api', ...container }] } };
  expect((await kubernetesFaults(pod)).join('\n')).toContain(`/spec/containers/0${fault}`);
});
