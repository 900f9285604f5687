import { sql } from '@app/database';
import { Telemetry } from '@app/telemetry';
import { TestApi } from '../support/api';
import { freePort } from '../support/redis';
import { SmtpServer } from '../support/smtp';

let api: TestApi | undefined;
let smtp: SmtpServer | undefined;
const failures: { reason: string; attempts: number; isGivenUp: boolean }[] = [];

async function start(url: string): Promise<{ email: string }> {
  api = await TestApi.start({
    smtpUrl: url,
    mailFrom: 'shop@floodgate.example',
    resetUrl: 'https://shop.example/reset#{token}',
  });
  failures.length = 0;
  api.app.get(Telemetry).on('mail.failed', (failure) => failures.push(failure));
  return api.createAccount();
}

async function ask(email: string): Promise<number> {
  const startMs = performance.now();
  const { status } = await api!.request('POST', '/v1/auth/password-reset', { body: { email } });
  expect(status).toBe(202);
  return performance.now() - startMs;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const isDone = async (): Promise<boolean> => (await api!.rows(sql`SELECT 1 FROM mail_requests`)).length === 0;

afterEach(async () => {
  smtp?.stop();
  await api?.close();
});

it('sends one mail, with the operator’s link and its own sender', async () => {
  smtp = await SmtpServer.start();
  const { email } = await start(smtp.url);
  await ask(email);
  await until(isDone);
  expect(smtp.mails).toHaveLength(1);
  expect(smtp.mails[0]).toContain(`To: ${email}`);
  expect(smtp.mails[0]).toContain('From: shop@floodgate.example');
  expect(smtp.mails[0]).toContain('https://shop.example/reset#');
});

it('gives up what the server refuses', async () => {
  smtp = await SmtpServer.start();
  smtp.manner = 'refuses';
  const { email } = await start(smtp.url);
  await ask(email);
  await until(isDone);
  expect([smtp.attempts, failures]).toEqual([1, [expect.objectContaining({ isGivenUp: true })]]);
});

it('waits for a server that is away, and sends the mail once when it comes', async () => {
  const port = await freePort();
  const { email } = await start(`smtp://127.0.0.1:${port}`);
  await ask(email);
  await until(() => failures.length > 0);
  expect(failures[0]).toMatchObject({ isGivenUp: false, attempts: 1 });
  smtp = await SmtpServer.start(port);
  await until(isDone);
  expect(smtp.mails).toHaveLength(1);
});

it('makes nobody wait for a server that says nothing, and tries again', async () => {
  smtp = await SmtpServer.start();
  smtp.manner = 'hangs';
  const { email } = await start(smtp.url);
  expect(await ask(email)).toBeLessThan(1_000);
  await until(() => failures.length > 0);
  smtp.manner = 'takes';
  await until(isDone);
  expect(smtp.mails).toHaveLength(1);
});
