// In which order `deploy/kubernetes` comes into being, and how many connections it opens in the middle of an upgrade.
import { parse } from 'yaml';
import { type Document, documents, labelsOf, of, podOf, read, selects, workloads } from '../support/manifests';

describe('under Argo CD', () => {
  const PHASES = ['PreSync', 'Sync', 'PostSync'];
  const annotation = ({ metadata }: Document, name: string): string | undefined =>
    metadata.annotations?.[`argocd.argoproj.io/${name}`];
  /** Nothing is applied before all of a smaller phase and wave is there and, if it is a Job, done. */
  const placeOf = (one: Document): number => {
    const phase = PHASES.indexOf(annotation(one, 'hook') ?? 'Sync');
    return phase * 1_000 + Number(annotation(one, 'sync-wave') ?? 0);
  };
  const isNeededBy = (pod: Document, one: Document): boolean => {
    const { serviceAccountName, containers } = podOf(pod);
    const { name } = one.metadata;
    switch (one.kind) {
      case 'Namespace':
        return true;
      case 'ServiceAccount':
        return name === serviceAccountName;
      case 'ConfigMap':
      case 'Secret':
        return containers[0].envFrom.some((from: Document) => (from.configMapRef ?? from.secretRef).name === name);
      case 'NetworkPolicy':
        return selects(one.spec.podSelector.matchLabels, labelsOf(pod));
      default:
        return false;
    }
  };
  const secret = parse(read('kubernetes', 'secret.yaml.example'));
  const [job] = of('Job');

  it.each(workloads.map((one) => [one.metadata.name, one]))('%s comes after what it needs', (_name, pod) => {
    const needed = [...documents, secret].filter((one) => isNeededBy(pod, one));
    const kinds = new Set(needed.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['ConfigMap', 'Namespace', 'NetworkPolicy', 'Secret', 'ServiceAccount']);
    const late = needed.filter((one) => placeOf(one) >= placeOf(pod));
    expect(late.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  });

  it('the schema is there before the pods that ask for it', () => {
    for (const one of of('Deployment')) expect(placeOf(job)).toBeLessThan(placeOf(one));
    // Of a Job that is there already nothing may change but its number of pods.
    expect(annotation(job, 'hook-delete-policy')).toBe('BeforeHookCreation');
  });

  it('the namespace is not after what is in it', () => {
    const [namespace] = of('Namespace');
    const early = [...documents, secret].filter((one) => placeOf(one) < placeOf(namespace));
    expect(early).toEqual([]);
  });
});
