// S25: Swagger UI opens in a real browser from our own files alone, and its "Try it out" really calls the API.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/app.js';
import { startBrowser } from '../support/tools/browser.js';
import { fetchDocument } from './fuzz.js';

const EMAIL = 'reader@swagger.example';
/** Patience of every step: the page parses two megabytes of script on a busy machine. */
const STEP_MS = 60_000;

let api: TestApi;
let browser: Browser;
let page: Page;
let foreign: string[];
let complaints: string[];

beforeAll(async () => {
  [api, browser] = await Promise.all([startTestApi(), startBrowser()]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await api?.stop();
});

beforeEach(async () => {
  foreign = [];
  complaints = [];
  page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  page.setDefaultTimeout(STEP_MS);
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== api.url && protocol !== 'data:') foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
});

afterEach(() => page?.close());

/** The page escapes the dot in the ids that it gives. */
const operation = (id: string) =>
  page.locator(`.opblock[id="operations-${id.split('.')[0] ?? ''}-${id.replace('.', '\\\\.')}"]`);

/** Opens the operation, fills its parameters and body, executes it: the status and body that the page shows. */
async function tryOut(id: string, parameters: Record<string, string> = {}, body?: unknown) {
  const block = operation(id);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  for (const [name, value] of Object.entries(parameters)) {
    await block.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  if (body !== undefined) await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
  await block.getByRole('button', { name: 'Execute' }).click();
  const answer = block.locator('.live-responses-table tbody .response').first();
  const status = await answer.locator('.response-col_status').innerText();
  return { status: status.trim(), body: JSON.parse(await answer.locator('pre').first().innerText()) };
}

async function authorize(token: string): Promise<void> {
  await page.locator('.auth-wrapper button.authorize').first().click();
  const dialog = page.locator('.auth-container').filter({ hasText: 'bearer' });
  await dialog.locator('input').fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await dialog.getByRole('button', { name: 'Close' }).click();
}

test('shows every operation and executes calls with a token', { timeout: 180_000 }, async () => {
  await page.goto(`${api.url}/docs`);
  expect(page.url()).toBe(`${api.url}/api/v1/docs`);
  await operation('users.me').waitFor();
  const { paths } = await fetchDocument(api.url);
  const documented = Object.values(paths).flatMap((methods) => Object.keys(methods));
  expect(await page.locator('.opblock').count()).toBe(documented.length);

  expect(await tryOut('users.me')).toMatchObject({ status: '401', body: { code: 'UNAUTHORIZED' } });
  // the browser itself reports a 401; nothing else may be on the console
  expect(complaints.splice(0)).toEqual([expect.stringContaining('401')]);

  await authorize(api.access.token(EMAIL));
  await operation('users.me').getByRole('button', { name: 'Execute' }).click();
  await operation('users.me').locator('.live-responses-table').getByText(EMAIL).first().waitFor();

  const founded = await tryOut('orgs.create', {}, { name: 'Browser', domain: 'browser.example' });
  expect(founded).toMatchObject({ status: '201', body: { domain: 'browser.example' } });
  const filtered = await tryOut('users.list', { org_id: founded.body.id, limit: '1' });
  expect(filtered).toMatchObject({ status: '200', body: { items: [{ email: EMAIL, role: 'admin' }] } });

  const path = process.env['SCREENSHOT'];
  if (path !== undefined) await page.screenshot({ path });
  expect(complaints).toEqual([]);
  expect(foreign).toEqual([]);
});
