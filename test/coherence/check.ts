// The proof by experiment: real instances, real servers, real faults. What it proves stands in docs/freshness.md.
import { writeFileSync } from 'node:fs';
import { runCheck } from '../support/run-check';
import { prepareBuilds } from './builds';
import { Hunt } from './captures';
import type { Capture } from './mutants';
import { MUTANTS } from './mutants';
import { type Options, readOptions } from './options';
import { Run, type Workload } from './phase';
import { counts, describeMutants, describePhase, figuresOf, type PhaseFigures, Progress, progressOf } from './report';
import { type Servers, startServers } from './servers';
import { ALL_FAULTS, CALM, STORMY, TWO_FAULTS } from './workloads';

async function check(options: Options, servers: Servers, progress: Progress): Promise<string[]> {
  const builds = prepareBuilds(MUTANTS);
  const { phases, failures } = options.onlyMutants
    ? { phases: {}, failures: [] }
    : await checkBuild(servers, builds.plain, options, progress);
  const mutants = options.noMutants ? [] : await new Hunt(servers, builds, options, progress).all();
  if (!options.noMutants) progress.line(describeMutants(mutants));
  failures.push(...mutants.flatMap(failureOf));
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ options, phases, mutants, failures }, undefined, 2)}\n`);
  return failures;
}

/** Under faults, then without. */
async function checkBuild(
  servers: Servers,
  build: string,
  { seed, instances, stalenessMs, reads, calmReads, leastMs, mostMs, calmMs, isShort }: Options,
  progress: Progress,
): Promise<{ phases: Record<string, PhaseFigures>; failures: string[] }> {
  const failures: string[] = [];
  const run = await Run.start(servers, { build, instances, stalenessMs, seed });
  const phase = async (title: string, workload: Workload, wanted: number): Promise<PhaseFigures> => {
    const begunAt = performance.now();
    const tally = await run.phase(
      workload,
      (seen, ms) => (seen.reads >= wanted && ms >= leastMs) || ms >= mostMs,
      (seen) => progress.show(progressOf(title, seen)),
    );
    const figures = figuresOf(tally, (performance.now() - begunAt) / 1_000);
    progress.line(describePhase(title, figures, tally));
    if (tally.violationCount > 0) failures.push(`${tally.violationCount} violations ${title.toLowerCase()}`);
    if (tally.reads < wanted) failures.push(`only ${tally.reads} of ${wanted} reads ${title.toLowerCase()}`);
    return figures;
  };
  const weather = isShort ? TWO_FAULTS : ALL_FAULTS;
  const stormy = await phase('Under faults', { ...STORMY, weather }, reads);
  const happened = run.faultCounts();
  progress.line(`  faults       ${counts(Object.fromEntries(happened))}`);
  const missing = weather.faults.filter((name) => !happened.has(name));
  if (missing.length > 0) failures.push(`the run was too short for these faults: ${missing.join(', ')}`);
  const calm = await phase('Without faults', CALM, calmReads);
  await run.stop();
  const seenMs = calm.stalenessMs['p99.99'];
  if (seenMs > calmMs)
    failures.push(`p99.99 of staleness without faults is ${seenMs.toFixed(1)} ms, and ${calmMs} ms are the most`);
  return { phases: { stormy, calm }, failures };
}

function failureOf({ name, caughtAfterMs, violationsWithout }: Capture): string[] {
  if (violationsWithout > 0) return [`${violationsWithout} violations without the mutant "${name}"`];
  return caughtAfterMs === undefined ? [`the mutant "${name}" got away`] : [];
}

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  const progress = new Progress(process.stderr);
  progress.line(`Coherence: Δ = ${options.stalenessMs} ms, ${options.instances} instances, seed ${options.seed}`);
  const servers = await startServers();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void servers.stop().finally(() => process.exit(130)));
  try {
    const failures = await check(options, servers, progress);
    progress.line(
      failures.length > 0
        ? `FAILED: ${failures.join('; ')}`
        : `The promise was kept${options.noMutants ? '.' : '; every mutant was caught.'}`,
    );
    return failures.length === 0;
  } finally {
    await servers.stop();
  }
}

runCheck(main);
