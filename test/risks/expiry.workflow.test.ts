// R4, R11: an acceptance that expires, with real workers: the risk is open again and its owner told, once; one that was
// replaced rings no more; a clock that Temporal has lost is started again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { riskAcceptanceWorkflowId } from '../../domain/temporal.js';
import { withTenant } from '../../db/tenancy.js';
import { lookAtPairs, type Pairs } from '../delivery/pairs.js';
import { poll, startStage, type Stage } from '../runs/stage.js';
import { type MailCatcher, startMailCatcher } from '../support/fakes/catcher.js';

const RISK = { title: 'Canary title', description: '', category: 'cyber', likelihood: 4, impact: 4 };
const DAY = 86_400_000;

let mails: MailCatcher;
let stage: Stage;
let pairs: Pairs;
let org: string;
let owner: string;

beforeAll(async () => {
  mails = await startMailCatcher();
  const settings = { SMTP_URL: mails.url, MAIL_FROM: 'GRC <grc@ours.example>' };
  stage = await startStage(settings);
  pairs = lookAtPairs(stage);
  org = `/orgs/${stage.org.id}`;
  const { body } = await stage.org.admin.post(`${org}/users`, {
    email: 'owner@risks.example',
    name: 'Owner',
    role: 'analyst',
  });
  owner = body.id;
  await stage.org.admin.put(org, { settings: { quiet_hours: null } });
  await stage.startWorker({ ...settings, RECONCILE_SECONDS: '1000' });
});
afterAll(async () => {
  await pairs.close();
  await stage.stop();
  await mails.close();
});

async function accept(ms: number, id?: string): Promise<string> {
  const { admin } = stage.org;
  const risk = id ?? (await admin.post(`${org}/risks`, { ...RISK, owner_id: owner })).body.id;
  const expires_at = new Date(Date.now() + ms).toISOString();
  const body = { status: 'accepted', acceptance: { reason: `For ${String(ms)} ms`, expires_at } };
  const answer = await admin.put(`${org}/risks/${risk}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return risk;
}

async function clocksOf(
  risk_id: string,
): Promise<{ id: string; workflow_id: string; ending: string | null }[]> {
  const rows: { id: string; ending: string | null }[] = await withTenant(
    stage.api.database.db,
    stage.org.tenant,
    (trx) => trx('risk_acceptance').where({ risk_id }).orderBy('id').select('id', 'ending'),
  );
  return rows.map((row) => ({ ...row, workflow_id: riskAcceptanceWorkflowId(stage.org.id, row.id) }));
}

const statusOf = async (id: string): Promise<string> =>
  (await stage.org.admin.get(`${org}/risks/${id}`)).body.status;

test('opens the risk again at its time, in the history, and tells its owner once', async () => {
  const id = await accept(2_500);
  expect(await statusOf(id)).toBe('accepted');
  await poll('open again', async () => (await statusOf(id)) === 'open');
  const { items } = (await stage.org.admin.get(`${org}/risks/${id}/history`)).body;
  expect(items[0]).toMatchObject({ cause: 'acceptance_expired', actor_id: null, status: 'open' });
  const ended = { field: 'acceptance', from: { reason: expect.any(String) }, to: null };
  expect(items[0].changes).toMatchObject([{ field: 'status', from: 'accepted', to: 'open' }, ended]);
  expect(await clocksOf(id)).toMatchObject([{ ending: 'expired' }]);
  const told = async () =>
    (await stage.org.admin.get(`${org}/notifications?event=risk_acceptance_expired`)).body.items.filter(
      ({ risk_id }: { risk_id: string }) => risk_id === id,
    );
  await poll('told', async () => (await told())[0]?.state === 'sent');
  expect(await told()).toMatchObject([{ channel: 'email', recipient_id: owner, incident_id: null }]);
  const letters = mails.mails.filter((letter) => JSON.stringify(letter).includes('acceptance has expired'));
  expect(letters).toHaveLength(1);
  expect(JSON.stringify(letters)).toContain('owner@risks.example');
  expect(JSON.stringify(letters)).not.toContain('Canary');
  const audit = (await stage.org.admin.get(`${org}/audit-log?resource=${id}`)).body.items;
  expect(audit[0]).toMatchObject({ action: 'risk.reopen', actor_id: null });
});

test('replaced, withdrawn or removed with its risk, it rings no more', async () => {
  const [replaced, withdrawn, removed] = [await accept(DAY), await accept(DAY), await accept(DAY)];
  const clocks = (await Promise.all([replaced, withdrawn, removed].map(clocksOf))).flat();
  await accept(2 * DAY, replaced);
  await stage.org.admin.put(`${org}/risks/${withdrawn}`, { status: 'mitigated' });
  await stage.org.admin.delete(`${org}/risks/${removed}`);
  for (const { workflow_id } of clocks)
    await poll(`${workflow_id} has ended`, async () => (await pairs.fate(workflow_id)) === 'COMPLETED');
  const [old, next] = await clocksOf(replaced);
  expect([old?.ending, next?.ending]).toEqual(['replaced', null]);
  await poll('the next one runs', async () => (await pairs.fate(next?.workflow_id ?? '')) === 'RUNNING');
  expect(await statusOf(replaced)).toBe('accepted');
});

test('lost by Temporal, its clock is started again and rings', async () => {
  const id = await accept(10_000);
  const [clock] = await clocksOf(id);
  const workflow_id = clock?.workflow_id ?? '';
  await poll('it runs', async () => (await pairs.fate(workflow_id)) === 'RUNNING');
  await pairs.remove(workflow_id);
  await poll('it is gone', async () => (await pairs.fate(workflow_id)) === 'unknown');
  await poll('it is started again', async () => {
    expect((await pairs.reconcile()).failures).toEqual([]);
    return (await pairs.fate(workflow_id)) !== 'unknown';
  });
  expect(await pairs.audited(stage.org)).toContainEqual(
    expect.objectContaining({ action: 'acceptance.workflow_restart', resource_id: clock?.id }),
  );
  await poll('open again', async () => (await statusOf(id)) === 'open');
});
