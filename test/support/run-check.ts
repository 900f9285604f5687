// How a check ends: with its verdict as the exit code, or with what kept it from one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Progress } from '../coherence/report';
import { Service } from './service';

/** Ends the process: with 0 if the check found all well. What was asked for wrongly is told without a stack. */
export function runCheck(check: () => Promise<boolean>): void {
  check().then(
    (isWell) => process.exit(isWell ? 0 : 1),
    (error: Error & { code?: string }) => {
      const isOfOptions = error.code?.startsWith('ERR_PARSE_ARGS') === true;
      process.stderr.write(`${isOfOptions ? error.message : error.stack}\n`);
      process.exit(1);
    },
  );
}

/**
 * Checks a service on an empty folder, which goes with it.
 * @param find tells each failure in a few words
 * @param praise the last line if there is none
 */
export async function checkService(
  environment: NodeJS.ProcessEnv,
  find: (service: Service, progress: Progress) => Promise<string[]>,
  praise: string,
): Promise<boolean> {
  const progress = new Progress(process.stderr);
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-check-'));
  const service = await Service.start({ DATA_DIR: folder, LOG_LEVEL: 'info', ...environment });
  try {
    const failures = await find(service, progress);
    progress.line(failures.length === 0 ? praise : `FAILED: ${failures.join('; ')}`);
    return failures.length === 0;
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
