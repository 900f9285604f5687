import type { Config } from '@app/config';
import { DEMO_USER } from './users/users.service';

export interface Running {
  readonly url: string;
  readonly adminPort?: number;
  readonly generatedPassword?: string;
}

/** What a person at the terminal wants to know: where it runs and how to log in. */
export function banner(config: Config, { url, adminPort, generatedPassword }: Running): string {
  const rows: [string, string][] = [
    ['API', `${url}/v1/items`],
    ['Docs', `${url}/docs`],
    ...(adminPort === undefined ? [] : [['Metrics', `http://127.0.0.1:${adminPort}/metrics`] as [string, string]]),
    ...(config.smtpUrl === undefined ? [['Mails', `${url}/dev/mails`] as [string, string]] : []),
    ['Log in', `${DEMO_USER.email} with the password ${DEMO_USER.password} (“Authorize” in the docs)`],
    ['Admin', adminLine(config, generatedPassword)],
    ['Data', `${config.dataDir} (embedded PostgreSQL; Ctrl-C stops it)`],
  ];
  return `\n  Floodgate is running.\n\n${rows.map(([name, value]) => `  ${name.padEnd(8)} ${value}`).join('\n')}\n\n`;
}

function adminLine({ adminEmail }: Config, generated: string | undefined): string {
  return generated === undefined
    ? `${adminEmail} with the password that was given or shown when the account was made`
    : `${adminEmail} with the password ${generated} (shown only this once)`;
}
