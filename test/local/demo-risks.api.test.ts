// The demo's register: entered whole, once, by an analyst; its controls are there, and its picture can be drawn.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_RISKS } from '../../local/demo/risk-list.js';
import { enterDemoRisks, riskLines } from '../../local/demo/risks.js';
import { startTestApi, type TestApi } from '../support/app.js';

const ANALYST = 'analyst@demo.example';

let api: TestApi;
let org_id: string;

beforeAll(async () => {
  api = await startTestApi();
  const admin = api.as('admin@demo.example');
  org_id = (await admin.post('/orgs', { name: 'Demo', domain: 'demo.example' })).body.id;
  for (const role of ['analyst', 'auditor', 'viewer']) {
    const body = { email: `${role}@demo.example`, name: role, role };
    expect((await admin.post(`/orgs/${org_id}/users`, body)).status).toBe(201);
  }
});
afterAll(() => api.stop());

const options = () => ({
  base_url: api.url,
  org_id,
  token: () => Promise.resolve(api.access.token(ANALYST)),
  signal: new AbortController().signal,
});

test('is entered once, with owners, controls and decisions', { timeout: 120_000 }, async () => {
  expect(DEMO_RISKS.length).toBeGreaterThanOrEqual(25);
  expect(await enterDemoRisks(options())).toBe(DEMO_RISKS.length);
  expect(await enterDemoRisks(options())).toBe(0);
  const { items } = (await api.as(ANALYST).get(`/orgs/${org_id}/risks?limit=200`)).body;
  expect(items).toHaveLength(DEMO_RISKS.length);
  for (const risk of items) {
    expect(risk.owner_id, risk.title).not.toBeNull();
    expect(risk.control_refs.length, risk.title).toBeGreaterThan(0);
    if (risk.status === 'accepted') expect(risk.acceptance.reason, risk.title).not.toBe('');
  }
  expect(new Set(items.map(({ status }: { status: string }) => status)).size).toBe(4);
  expect(new Set(items.map(({ appetite }: { appetite: string }) => appetite)).size).toBe(4);
  const lines = (await riskLines(options())).join('\n');
  expect(lines).toContain(`Risks: ${String(DEMO_RISKS.length)}, `);
  expect(lines).toContain('/heatmap?format=svg');
});
