// Requests made of the OpenAPI document, a hundred thousand of them unless told otherwise, and a verdict.
import { Progress } from '../../coherence/report';
import { wage } from './campaign';
import { readOptions } from './options';

const { stderr } = process;

async function main(): Promise<number> {
  const { requests, seed } = readOptions(process.argv.slice(2));
  const begunAt = performance.now();
  const seconds = () => ((performance.now() - begunAt) / 1_000).toFixed(0);
  const progress = new Progress(stderr);
  const onProgress = (count: number) => progress.show(`${count} of ${requests} requests, ${seconds()} s`);
  progress.line(`Requests made of the API document: ${requests}, seed ${seed}`);
  const { finding, untried, lines, ...outcome } = await wage({ requests, seed, onProgress });
  progress.line([...lines, `  ${outcome.requests} requests in ${seconds()} s`].join('\n'));
  if (finding) {
    stderr.write(`FAILED: ${finding.fault}\n\n${finding.requests.join('\n')}\n\nAgain: --seed ${finding.seed}\n`);
    return 1;
  }
  if (untried.length > 0) {
    stderr.write(`FAILED: nothing was ever accepted by ${untried.join(', ')}\n`);
    return 1;
  }
  stderr.write('Every answer was one that the document allows, and nobody changed what is not theirs.\n');
  return 0;
}

/** Called by `test/support/run.cjs`, which has started the servers. @returns the exit code */
export const check = (): Promise<number> =>
  main().catch((error: Error & { code?: string }) => {
    const isOfOptions = error.code?.startsWith('ERR_PARSE_ARGS') === true || error.message.startsWith('--');
    stderr.write(`${isOfOptions ? error.message : error.stack}\n`);
    return 1;
  });
