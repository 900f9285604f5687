// What stands in `deploy/kubernetes` and `deploy/compose.yaml`: that names meet, and that nothing may do more than it must.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, variables } from '@app/config';
import { parse } from 'yaml';
import {
  type Document,
  documents,
  kustomization,
  labelsOf,
  of,
  podOf,
  read,
  selects,
  workloads,
} from '../support/manifests';
import { DEPLOY } from '../support/proxies';

const FOLDER = join(DEPLOY, 'kubernetes');
const names = new Set(variables.map(({ name }) => name));

/** The groups and versions that Kubernetes 1.27 and newer serve. */
const VERSIONS: Record<string, string> = {
  Namespace: 'v1',
  ConfigMap: 'v1',
  Secret: 'v1',
  Service: 'v1',
  ServiceAccount: 'v1',
  Job: 'batch/v1',
  Deployment: 'apps/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  PodDisruptionBudget: 'policy/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
};

describe('deploy/kubernetes', () => {
  it('lists each of its files, and each document is of a version that is served', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
    expect([...kustomization.resources].sort()).toEqual(files.sort());
    for (const { apiVersion, kind, metadata } of documents) {
      expect({ kind, apiVersion }).toEqual({ kind, apiVersion: VERSIONS[kind] });
      expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }
    const keys = documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('selects pods that there are', () => {
    for (const one of of('Deployment')) expect(selects(one.spec.selector.matchLabels, labelsOf(one))).toBe(true);
    const selectors = [
      ...of('Service').map((one) => one.spec.selector),
      ...of('PodDisruptionBudget').map((one) => one.spec.selector.matchLabels),
      ...of('NetworkPolicy').map((one) => one.spec.podSelector.matchLabels ?? {}),
      ...of('Deployment').flatMap((one) =>
        (podOf(one).topologySpreadConstraints ?? []).map((spread: Document) => spread.labelSelector.matchLabels),
      ),
    ];
    for (const selector of selectors)
      expect({ selector, isMet: workloads.some((one) => selects(selector, labelsOf(one))) }).toMatchObject({
        isMet: true,
      });
    for (const { spec } of of('HorizontalPodAutoscaler')) {
      const target = of('Deployment').find((one) => one.metadata.name === spec.scaleTargetRef.name);
      // Two that count pods would undo each other's work.
      expect(target?.spec).not.toHaveProperty('replicas');
      expect(spec.minReplicas).toBeGreaterThanOrEqual(3);
    }
  });

  it('names ports that are open, and paths that are there', () => {
    const [api] = of('Deployment');
    const [container] = podOf(api).containers;
    const [port] = container.ports;
    for (const { spec } of of('Service')) for (const { targetPort } of spec.ports) expect(targetPort).toBe(port.name);
    const document = JSON.parse(readFileSync(join(DEPLOY, '../docs/openapi.json'), 'utf8'));
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(container[probe].httpGet.port).toBe(port.name);
      expect(Object.keys(document.paths)).toContain(container[probe].httpGet.path);
    }
    const rule = of('NetworkPolicy').find(({ metadata }) => metadata.name === 'ingress-to-api');
    expect(rule.spec.ingress[0].ports[0].port).toBe(port.containerPort);
    expect(loadConfig({}).port).toBe(port.containerPort);
  });

  it('lets Prometheus, and nobody else, to where the metrics are', () => {
    const [{ data }] = of('ConfigMap') as [Document];
    const { adminHost, adminPort, workerAdminPort } = loadConfig(data);
    expect(adminHost).toBe('0.0.0.0');
    const ports = of('Deployment').map((one) => {
      const { annotations } = one.spec.template.metadata;
      const metrics = podOf(one).containers[0].ports.find(({ name }: Document) => name === 'metrics');
      expect(annotations).toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${metrics.containerPort}` });
      return metrics.containerPort;
    });
    expect(ports).toEqual([adminPort, workerAdminPort]);
    const admitted = of('NetworkPolicy').filter(({ spec }) =>
      JSON.stringify(spec.ingress ?? []).includes(`${adminPort}`),
    );
    expect(admitted.map(({ metadata }) => metadata.name)).toEqual(['prometheus-to-metrics']);
    expect(admitted[0].spec.ingress[0].from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ]);
  });

  it('asks databases that no policy of its own closes, on ports that one opens', () => {
    const { stringData } = parse(read('kubernetes', 'secret.yaml.example'));
    const [{ metadata: namespace }] = of('Namespace') as [Document];
    const { spec } = of('NetworkPolicy').find(({ metadata }) => metadata.name === 'to-databases');
    const open = spec.egress.filter(({ to }: Document) => to === undefined).flatMap(({ ports }: Document) => ports);
    for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'REDIS_URL']) {
      const { hostname, port } = new URL(stringData[name]);
      const [, place, ...rest] = hostname.split('.');
      expect(rest.join('.')).toBe('svc.cluster.local');
      expect(place).not.toBe(namespace.name);
      expect(open.map((one: Document) => one.port)).toContain(Number(port));
    }
  });

  it('lets other namespaces in and out that docs/deploying.md names', () => {
    const documented = read('../docs/deploying.md');
    const others = of('NetworkPolicy')
      .flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])])
      .flatMap((rule: Document) => [...(rule.from ?? []), ...(rule.to ?? [])])
      .flatMap((one: Document) => one.namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] ?? []);
    expect(others).toEqual(['ingress-nginx', 'monitoring', 'kube-system']);
    for (const name of others) expect(documented).toContain(`- \`${name}\` `);
  });

  it('sets variables that are read, with values that are good', () => {
    const secret = parse(read('kubernetes', 'secret.yaml.example'));
    const [{ data }] = of('ConfigMap') as [Document];
    const environment = { ...data, ...secret.stringData };
    expect(Object.keys(environment).filter((name) => !names.has(name))).toEqual([]);
    // Whoever fills in the addresses alone would have secrets that all the world knows.
    expect(() => loadConfig(environment)).toThrow(/^JWT_SECRET must be [^;]+; ADMIN_PASSWORD must be [^;]+$/);
    const filled = { JWT_SECRET: 'x'.repeat(32), ADMIN_PASSWORD: 'x'.repeat(8) };
    expect(() => loadConfig({ ...environment, ...filled })).not.toThrow();
    for (const one of workloads)
      for (const { envFrom } of podOf(one).containers)
        expect(envFrom.map((from: Document) => (from.configMapRef ?? from.secretRef).name)).toEqual([
          of('ConfigMap')[0].metadata.name,
          secret.metadata.name,
        ]);
  });

  it.each(workloads.map((one) => [one.metadata.name, one]))('%s is restricted, and bounded', (_name, one) => {
    const pod = podOf(one);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      serviceAccountName: of('ServiceAccount')[0].metadata.name,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toMatchObject({ requests: { memory: expect.any(String) } });
      expect(container.resources.limits).toHaveProperty('memory');
      // Kubernetes takes any name, and gives a pod nothing of one that no node has.
      const amounts = Object.keys({ ...container.resources.requests, ...container.resources.limits });
      expect(['cpu', 'memory']).toEqual(expect.arrayContaining(amounts));
      expect(kustomization.images.map(({ name }: Document) => name)).toContain(container.image);
      expect(container.command[0]).toBe('node');
    }
  });

  it('waits for the drain', () => {
    for (const one of of('Deployment')) expect(podOf(one).terminationGracePeriodSeconds).toBeGreaterThan(15 + 5);
  });
});

describe('deploy/compose.yaml', () => {
  const { services } = parse(read('compose.yaml'), { merge: true });

  it('has three instances, and HAProxy asks them', () => {
    const { FLOODGATE_NAMESERVER: nameServer, ...instances } = services.balancer.environment;
    expect(nameServer).toBe('127.0.0.11:53');
    for (const address of Object.values<string>(instances)) {
      const [name = '', port] = address.split(':');
      expect(services[name]?.build).toBe('..');
      expect(Number(port)).toBe(loadConfig({}).port);
    }
    expect(Object.keys(instances)).toEqual(['FLOODGATE_1', 'FLOODGATE_2', 'FLOODGATE_3']);
  });

  it('sets variables that are read, with values that are good', () => {
    const filled = read('compose.yaml')
      .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
      .replaceAll(/\$\{\w+:\?\}/g, 'a-word-of-thirty-two-characters-and-more');
    const { environment } = parse(filled, { merge: true }).services.one;
    expect(Object.keys(environment).filter((name) => !names.has(name))).toEqual([]);
    expect(() => loadConfig(environment)).not.toThrow();
    for (const url of [environment.DATABASE_URL, environment.DATABASE_DIRECT_URL, environment.REDIS_URL])
      expect(services).toHaveProperty(new URL(url).hostname);
  });

  it('has its instances and its worker scraped, on ports that no other machine reaches', () => {
    const { scrape_configs: jobs } = parse(read('prometheus/prometheus.yaml'));
    const { ADMIN_PORT, ADMIN_HOST, WORKER_ADMIN_PORT } = services.one.environment;
    const targets = (names: string[], port: string) => [{ targets: names.map((name) => `${name}:${port}`) }];
    expect(ADMIN_HOST).toBe('0.0.0.0');
    expect(jobs.map((job: Document) => [job.job_name, job.static_configs])).toEqual([
      ['floodgate', targets(['one', 'two', 'three'], ADMIN_PORT)],
      ['floodgate-worker', targets(['worker'], WORKER_ADMIN_PORT)],
    ]);
    const published = Object.values<Document>(services).flatMap(({ ports = [] }) => ports as string[]);
    expect(published).toEqual(['8080:8080', '127.0.0.1:9090:9090']);
  });

  it('depends on services that there are, and mounts files that there are', () => {
    for (const service of Object.values<Document>(services)) {
      const others: string[] = Array.isArray(service.depends_on)
        ? service.depends_on
        : Object.keys(service.depends_on ?? {});
      expect(others.filter((name) => !(name in services))).toEqual([]);
      const files = ((service.volumes ?? []) as string[]).filter((volume) => volume.startsWith('./'));
      expect(files.filter((volume) => !existsSync(join(DEPLOY, volume.split(':')[0] as string)))).toEqual([]);
    }
  });
});
