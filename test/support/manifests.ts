// The documents of `deploy/kubernetes`, as Kustomize puts them together.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { DEPLOY } from './proxies';

/* eslint-disable @typescript-eslint/no-explicit-any -- documents of every shape */
export type Document = any;

export const read = (...path: string[]): string => readFileSync(join(DEPLOY, ...path), 'utf8');
export const kustomization = parse(read('kubernetes', 'kustomization.yaml'));
export const documents: Document[] = (kustomization.resources as string[]).flatMap((name) =>
  parseAllDocuments(read('kubernetes', name)).map((one) => {
    if (one.errors.length > 0) throw new Error(`${name}: ${one.errors.join('\n')}`);
    return one.toJS();
  }),
);
export const of = (kind: string): Document[] => documents.filter((one) => one.kind === kind);
export const workloads = documents.filter((one) => ['Deployment', 'Job'].includes(one.kind));
export const labelsOf = (one: Document): Record<string, string> => one.spec.template.metadata.labels;
export const podOf = (one: Document): Document => one.spec.template.spec;
export const selects = (selector: Record<string, string> = {}, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);
