// Registers and incidents as reports tell them, held against what is there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIncident } from '../../api/incidents/use-cases.js';
import { changeRisk } from '../../api/risks/use-cases.js';
import type { TenantContext } from '../../domain/tenant.js';
import { withClient } from '../../local/postgres/databases.js';
import type { Register } from '../risks/register.js';
import { type Gathering, openGathering } from './gathering.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const IN_A_WEEK = new Date(Date.now() + 7 * DAY_MS).toISOString();
const IN_A_YEAR = new Date(Date.now() + 365 * DAY_MS).toISOString();

let its: Gathering;
let ours: Register;
let theirs: Register;

beforeAll(async () => {
  its = await openGathering();
  ({ ours, theirs } = its);
  const verdicts = { 'CC1.1': 'pass', 'CC1.2': 'fail' } as const;
  await its.complete(ours, await its.assess(ours, verdicts));
});
afterAll(() => its.close());

test('a risk register counts the same as the register, and tells which acceptances end soon', async () => {
  const grave = await ours.enter(['CC1.2']);
  const held = await ours.enter(['CC1.1'], { likelihood: 4, owner_id: ours.tenant.actor_id });
  const soon = await ours.enter([], { likelihood: 1, impact: 3 });
  const later = await ours.enter([], { likelihood: 1, impact: 1 });
  for (const [{ id }, expires_at] of [
    [soon, IN_A_WEEK],
    [later, IN_A_YEAR],
  ] as const)
    await changeRisk(ours.deps, ours.tenant, id, {
      status: 'accepted',
      acceptance: { reason: 'Small', expires_at },
    });
  await theirs.enter(['CC1.1']);
  const { risks, summary, heatmap, top, expiring, bounds, categories } = await its.gather(
    ours,
    'risk_register',
  );
  expect(risks.map(({ ref }) => ref)).toEqual(['RISK-1', 'RISK-2', 'RISK-3', 'RISK-4']);
  expect(risks[0]).toMatchObject({
    id: grave.id,
    residual_score: 100,
    appetite: 'critical',
    control_refs: ['CC1.2'],
  });
  expect(risks[1]).toMatchObject({ id: held.id, effectiveness: 1, owner: { id: ours.tenant.actor_id } });
  expect(risks[2]?.acceptance).toMatchObject({ reason: 'Small', accepted_by: { id: ours.tenant.actor_id } });
  expect(summary).toMatchObject({
    total: 4,
    status: { open: 2, accepted: 2 },
    without_owner: 3,
    expiring: 1,
  });
  expect(heatmap.inherent).toEqual([
    { likelihood: 5, impact: 4, count: 1 },
    { likelihood: 4, impact: 4, count: 1 },
  ]);
  expect(heatmap.total).toBe(2);
  expect(top).toEqual([grave.id, held.id]);
  expect(expiring.risks).toEqual([{ id: soon.id, days_left: 7 }]);
  expect(bounds).toEqual({ approaching: 25, exceeds: 50, critical: 75 });
  expect(categories).toMatchObject([{ category: 'cyber', count: 4, worst_residual: 100 }]);
});

async function report(
  tenant: TenantContext,
  severity: 'critical' | 'low',
  hours_ago: number,
): Promise<string> {
  const deps = { ...ours.deps, web_ui: { url: 'http://ui', namespace: 'default' } };
  const { id } = await createIncident(deps, tenant, {
    title: severity,
    description: 'Seen.',
    category: 'phishing',
    severity,
    affected_systems: [],
    occurred_at: new Date(Date.now() - hours_ago * HOUR_MS).toISOString(),
  });
  return id;
}

test('an incident summary counts clocks, duties and time in phases up to the snapshot, the gravest first', async () => {
  const { tenant } = ours;
  const low = await report(tenant, 'low', 1);
  const grave = await report(tenant, 'critical', 30);
  await report(theirs.tenant, 'critical', 1);
  await withClient(its.database.owner_url, async (client) => {
    await client.query(
      `update incident_visit set entered_at = clock_timestamp() - interval '2 hours' where incident_id = any($1)`,
      [[low, grave]],
    );
    await client.query(
      `insert into incident_obligation (org_id, id, incident_id, code, regime, stage, anchor_event, anchored_at, due_at, decision)
         select $1, gen_random_uuid(), $2, 'gdpr_33', 'GDPR', 'authority', 'awareness_confirmed',
           clock_timestamp() - interval '80 hours', clock_timestamp() - interval '8 hours', 'undecided'`,
      [tenant.org_id, grave],
    );
  });
  const summary = await its.gather(ours, 'incident_summary');
  expect(summary.incidents.map(({ id, sla }) => [id, sla])).toEqual([
    [grave, 'at_risk'],
    [low, 'on_track'],
  ]);
  expect(summary.summary).toMatchObject({
    total: 2,
    open: 2,
    closed: 0,
    severity: { critical: 1, low: 1 },
    obligations: { open: 1, overdue: 1, submitted: 0 },
  });
  expect(summary.clocks.filter(({ incident_id }) => incident_id === grave).map(({ kind }) => kind)).toEqual([
    'acknowledge',
    'contain',
    'resolve',
  ]);
  expect(summary.sla.find(({ kind }) => kind === 'resolve')).toEqual({
    kind: 'resolve',
    met: 0,
    breached: 0,
    open: 2,
  });
  expect(summary.matrix).toEqual([
    { severity: 'critical', phase: 'detection', count: 1 },
    { severity: 'low', phase: 'detection', count: 1 },
  ]);
  const [detection] = summary.time_in_phase;
  expect(detection).toMatchObject({ phase: 'detection', visits: 2 });
  expect(detection?.median_seconds).toBeGreaterThanOrEqual(7_200);
  expect(detection?.median_seconds).toBeLessThan(7_200 + 600);
  expect(summary.obligations).toMatchObject([{ code: 'gdpr_33', state: 'overdue', trust: 'high' }]);
  expect(summary.worst.map(({ incident_id, entries }) => [incident_id, entries.length])).toEqual([
    [grave, 1],
    [low, 1],
  ]);
  expect(summary.worst[0]?.entries).toMatchObject([{ seq: 1, event_type: 'created', redacted: false }]);
});
