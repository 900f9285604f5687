// A person in Swagger UI: logs in, lists, creates an item, reloads and is still logged in; the strict policy breaks nothing.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureFirstAccounts } from '../../apps/api/src/first-accounts';
import { loadConfig } from '@app/config';
import { TestApi } from '../support/api';
import { describeWith } from '../support/programs';

const SCREENSHOT = join(__dirname, '../../.cache/screenshots/swagger-ui.png');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describeWith('chromium', 'Swagger UI', (executablePath) => {
  let api: TestApi;
  let browser: Browser;
  let page: Page;
  let profile: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    api = await TestApi.start();
    await ensureFirstAccounts(api.app, loadConfig({ SEED_ITEMS: '30' }));
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    profile = mkdtempSync(join(tmpdir(), 'floodgate-browser-'));
    browser = await chromium.launch({ executablePath, args: FLAGS });
    page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/docs`);
    await page.getByText('List, filter and search items').waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await api?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  it('logs in with the demo account, at the top of the dialog', async () => {
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const top = page.locator('#oauth_username');
    await top.waitFor();
    expect(await page.locator('.modal-ux-content').evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    expect(await top.evaluate((field) => field.matches(':focus'))).toBe(true);
    await top.fill('demo@floodgate.example');
    await page.locator('#oauth_password').fill('floodgate-demo');
    await page.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
    await page.getByText('Logout', { exact: true }).first().waitFor();
    await page.locator('.btn-done').first().click();
  });

  it('tries an example that exists', async () => {
    expect(await execute('getItem')).toBe('200');
  });

  it('lists items', async () => {
    expect(await execute('listItems')).toBe('200');
  });

  it('creates an item, is still logged in after a reload, and keeps a screenshot', async () => {
    await page.reload();
    expect(await execute('createItem')).toBe('201');
    mkdirSync(dirname(SCREENSHOT), { recursive: true });
    await page.screenshot({ path: SCREENSHOT });
  });

  it('meets no violation of the content security policy and no other error', () => {
    expect(complaints).toEqual([]);
  });

  /** Opens an operation, executes it with what is filled in, and tells the status that the page shows. */
  async function execute(operationId: string): Promise<string> {
    const block = page.locator(`[id^=operations-][id$=-${operationId}]`);
    await block.locator('.opblock-summary-control').click();
    await block.locator('button.execute').click();
    return (await block.locator('.live-responses-table .response .response-col_status').first().innerText())
      .trim()
      .slice(0, 3);
  }
});
