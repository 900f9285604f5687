// Runs each mutant until the checker catches it, and the build as it is for at least as long under the same conditions.
import type { Builds } from './builds';
import { type Capture, type Mutant, MUTANTS } from './mutants';
import type { Options } from './options';
import { Run, type Workload } from './phase';
import { type Progress, progressOf } from './report';
import type { Servers } from './servers';
import type { Tally } from './tally';

/** The workloads that catch mutants are made for this Δ. */
const STALENESS_MS = 100;

interface Attempt {
  readonly tally: Tally;
  readonly ms: number;
}

export class Hunt {
  constructor(
    private readonly servers: Servers,
    private readonly builds: Builds,
    private readonly options: Options,
    private readonly progress: Progress,
  ) {}

  async all(): Promise<Capture[]> {
    const attempts = new Map<Mutant, Attempt>();
    for (const mutant of MUTANTS) {
      const run = await this.start(this.builds.of.get(mutant) as string);
      attempts.set(mutant, await this.attempt(run, mutant.name, mutant.workload, this.options.patienceMs));
      await run.stop();
    }
    const controls = await this.controls(attempts);
    return MUTANTS.map((mutant) => {
      const { tally, ms } = attempts.get(mutant) as Attempt;
      const control = controls.get(mutant.workload)?.tally;
      return {
        name: mutant.name,
        reads: tally.reads,
        story: tally.stories[0]?.text,
        ...(tally.violationCount > 0 && { caughtAfterMs: ms }),
        violationsWithout: control?.violationCount ?? 0,
        readsWithout: control?.reads ?? 0,
      };
    });
  }

  private async controls(attempts: ReadonlyMap<Mutant, Attempt>): Promise<Map<Workload, Attempt>> {
    const longest = new Map<Workload, number>();
    for (const [{ workload }, { ms }] of attempts)
      longest.set(workload, Math.max(longest.get(workload) ?? this.options.controlMs, ms));
    const run = await this.start(this.builds.plain);
    const controls = new Map<Workload, Attempt>();
    for (const [workload, ms] of longest) controls.set(workload, await this.attempt(run, 'no mutant', workload, ms));
    await run.stop();
    return controls;
  }

  private start(build: string): Promise<Run> {
    const { instances, seed } = this.options;
    return Run.start(this.servers, { build, instances, stalenessMs: STALENESS_MS, seed });
  }

  /** Ends with the first violation, or when the time is over. */
  private async attempt(run: Run, title: string, workload: Workload, maxMs: number): Promise<Attempt> {
    let tookMs = 0;
    const tally = await run.phase(
      workload,
      (seen, ms) => {
        tookMs = ms;
        return seen.violationCount > 0 || ms >= maxMs;
      },
      (seen) => this.progress.show(progressOf(title, seen)),
    );
    return { tally, ms: tookMs };
  }
}
