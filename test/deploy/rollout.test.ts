// In which order `deploy/kubernetes` comes into being, and how many connections it opens in the middle of an upgrade.
import { loadConfig } from '@app/config';
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

describe('connections to PostgreSQL', () => {
  const [api, worker] = of('Deployment');
  const [{ spec: scaling }] = of('HorizontalPodAutoscaler') as [Document];
  const { databasePool, databaseLanes } = loadConfig(of('ConfigMap')[0].data);
  /** Seconds from the end of a pod to the last of its connections: what `preStop` waits, and the longest drain. */
  const DRAIN = 5 + 15;

  /** Those that are there when one is being replaced beyond those that shall be: the next one, and the one before while it drains. */
  const extra = ({ spec }: Document): number => {
    expect(spec.strategy.rollingUpdate).toMatchObject({ maxUnavailable: 0 });
    expect(spec.minReadySeconds).toBeGreaterThanOrEqual(DRAIN);
    return 2 * spec.strategy.rollingUpdate.maxSurge;
  };
  const pods = [scaling.maxReplicas, worker.spec.replicas];
  const [apis, workers] = [extra(api), extra(worker)];
  const total =
    (pods[0] + apis) * (databasePool + databaseLanes + 1) + (pods[1] + workers) * (databasePool + databaseLanes) + 1;
  const documented = read('../docs/operating.md');

  it('are as many as docs/operating.md and scaling.yaml say', () => {
    const each = `${databasePool} + ${databaseLanes}`;
    const sum = `(${pods[0]} + ${apis}) × (${each} + 1) + (${pods[1]} + ${workers}) × (${each}) + 1 = ${total}`;
    expect(documented).toContain(`    ${sum}\n`);
    expect(read('kubernetes', 'scaling.yaml')).toContain(`has to allow ${total} connections`);
  });

  it('are as many behind PgBouncer', () => {
    const own = Number(/^default_pool_size = (\d+)$/m.exec(read('pgbouncer', 'pgbouncer.ini'))?.[1]);
    const feeds = pods[0] + apis;
    expect(documented).toContain(
      `it is ${own} of its own (\`default_pool_size\`), and ${feeds} + 1 past it: ${own + feeds + 1}.`,
    );
    const clients = Number(/^max_client_conn = (\d+)$/m.exec(read('pgbouncer', 'pgbouncer.ini'))?.[1]);
    expect(clients).toBeGreaterThan(total);
  });
});
