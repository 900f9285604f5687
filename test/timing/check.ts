// Whether the service tells by its answers, or by the time that they take, which addresses have an account.
import { parseArgs } from 'node:util';
import type { Progress } from '../coherence/report';
import { checkService, runCheck } from '../support/run-check';
import { askPairs } from './pairs';
import { accountsFor, member, PASSWORD, secretsOf } from './secrets';
import { leakOf, sampleOf, T_LIMIT } from './welch';

/** Asked before anything is noted, so that everything is compiled. */
const WARM_UP = 100;

function readPairs(): number {
  const { values } = parseArgs({ options: { pairs: { type: 'string', default: '5000' } } });
  const pairs = Number(values.pairs);
  if (!Number.isSafeInteger(pairs) || pairs < 2) throw new Error('--pairs must be a whole number above 1.');
  return pairs;
}

async function signUp(url: string, count: number, progress: Progress): Promise<void> {
  for (let n = 0; n < count; n++) {
    const body = JSON.stringify({ email: member(n), password: PASSWORD, displayName: 'Member' });
    const { status } = await fetch(`${url}/v1/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (status !== 201) throw new Error(`An account could not be made: ${status}.`);
    progress.show(`${n + 1} of ${count} accounts`);
  }
}

async function check(url: string, pairs: number, progress: Progress): Promise<string[]> {
  const failures: string[] = [];
  const accounts = accountsFor(pairs);
  await signUp(url, accounts, progress);
  for (const secret of secretsOf(accounts)) {
    const ask = (count: number) =>
      askPairs(url, secret, count, (asked) => progress.show(`${secret.name}: ${asked} of ${count} pairs`));
    await ask(Math.min(WARM_UP, pairs));
    const { yes, no, contents } = await ask(pairs);
    const { t, share } = leakOf(yes, no);
    progress.line(
      `${secret.name.padEnd(15)} ${pairs} pairs, ${sampleOf(yes).mean.toFixed(3)} ms with an account, ` +
        `${sampleOf(no).mean.toFixed(3)} ms without; |t| ${Math.abs(t).toFixed(2)} (of the fastest ${share * 100} %), ` +
        `${contents.size === 1 ? 'one answer' : `${contents.size} ANSWERS`}`,
    );
    if (Math.abs(t) >= T_LIMIT) failures.push(`the time of ${secret.name} tells (|t| = ${Math.abs(t).toFixed(1)})`);
    for (const content of contents)
      if (!content.startsWith(`${secret.status} `)) failures.push(`${secret.name} is answered with ${content}`);
    if (contents.size > 1) failures.push(`answers of ${secret.name} differ:\n${[...contents].join('\n')}`);
  }
  return failures;
}

async function main(): Promise<boolean> {
  const pairs = readPairs();
  return checkService(
    { SEED_ITEMS: '0', RATE_LIMIT_LOGINS: 'off', RATE_LIMIT_SIGN_UPS: 'off' },
    ({ url }, progress) => check(url, pairs, progress),
    'Nobody can tell.',
  );
}

runCheck(main);
