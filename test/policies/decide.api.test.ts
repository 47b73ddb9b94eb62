// R13, fail closed: what the engine decides with the policies that ship and with an organization's own, and that every
// way in which it cannot decide is a denial that says why. Real engine, real API.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPolicyEngine } from '../../activities/policy/decide.js';
import type { PolicyEngine } from '../../activities/policy/types.js';
import { connect, type Database } from '../../db/connection.js';
import { createPolicyRuntime } from '../../db/policies/engine.js';
import { createOpa, type Opa } from '../../db/policies/opa.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { until } from '../support/until.js';
import { type OwnOpa, question, startOwnOpa } from './engine.js';

let server: OwnOpa;
let api: TestApi;
let admin: Caller;
let org_id: string;
let db: Database;
let opa: Opa;
let engine: PolicyEngine;

beforeAll(async () => {
  server = await startOwnOpa();
  api = await startTestApi({ OPA_URL: server.url });
  admin = api.as('admin@decide.example');
  org_id = (await admin.post('/orgs', { name: 'Decide', domain: 'decide.example' })).body.id;
  db = connect({ url: api.database.app_url, pool_max: 4, application_name: 'decide' });
  opa = createOpa({ url: server.url });
  engine = createPolicyEngine({ db, runtime: createPolicyRuntime(opa) });
}, 600_000);
afterAll(async () => {
  await opa.close();
  await db.destroy();
  await api.stop();
  await server.stop();
});

const policies = (path = '') => `/orgs/${org_id}/policies${path}`;
const reset = () => admin.post(policies('/playbook_step/reset'), {});
const own = (rules: string) =>
  admin.put(policies('/playbook_step'), { source: `package playbook_step\n${rules}` });
afterEach(async () => {
  expect((await reset()).status).toBe(200);
});

test.each([
  [{ risk_class: 'read' }, 'allow', 0],
  [{ risk_class: 'notify', action: 'notify' }, 'allow', 0],
  [{ risk_class: 'reversible' }, 'allow', 0],
  [{ risk_class: 'disruptive' }, 'needs_approval', 1],
  [{ risk_class: 'destructive' }, 'needs_approval', 2],
  [{ action: 'ssh' }, 'deny', 0],
  [{ risk_class: 'mild' }, 'deny', 0],
] as const)('by the policy that ships, %o is: %s', async (step, decision, approvals_required) => {
  const answer = await engine.decide(question(org_id, step));
  expect(answer).toMatchObject({ decision, approvals_required });
  expect(answer.reasons).not.toEqual([]);
  expect(answer.revision).toBe((await admin.get(policies('/playbook_step'))).body.sha256);
});

test('a dry run is told what the step would need in earnest', async () => {
  expect(await engine.decide(question(org_id, { risk_class: 'destructive' }, true))).toMatchObject({
    decision: 'needs_approval',
    approvals_required: 2,
  });
  expect(await engine.decide(question(org_id, { action: 'ssh' }, true))).toMatchObject({ decision: 'deny' });
});

test('so many disruptive steps an hour, and then none', async () => {
  const asked = question(org_id, { risk_class: 'disruptive' });
  const after = (disruptive: number) => engine.decide({ ...asked, rate: { same_step: 0, disruptive } });
  expect(await after(19)).toMatchObject({ decision: 'needs_approval' });
  expect(await after(20)).toMatchObject({
    decision: 'deny',
    reasons: ['20 steps have disrupted in the last hour'],
  });
  const mild = { ...question(org_id), rate: { same_step: 0, disruptive: 20 } };
  expect(await engine.decide(mild)).toMatchObject({ decision: 'allow' });
});

test('the kill switch denies, whatever the policy in force says, until it is released', async () => {
  const { body } = await own('decision := {"decision": "allow"}\n');
  const path = `/orgs/${org_id}/kill-switch`;
  expect((await admin.get(path)).body).toMatchObject({ engaged: false, changed_by: null });
  const engaged = await admin.put(path, { engaged: true, reason: 'Wrong hosts' });
  expect(engaged).toMatchObject({ status: 200, body: { engaged: true, reason: 'Wrong hosts' } });
  expect(await engine.decide(question(org_id))).toEqual({
    decision: 'deny',
    reasons: ['the kill switch is engaged'],
    approvals_required: 0,
    revision: body.sha256,
  });
  await admin.put(path, { engaged: false, reason: 'Mended' });
  expect(await engine.decide(question(org_id))).toMatchObject({ decision: 'allow' });
});

test('a policy that replaces another decides from the next step on', async () => {
  expect(await engine.decide(question(org_id))).toMatchObject({ decision: 'allow' });
  const { body } = await own(
    'default decision := {"decision": "deny", "reasons": ["not on Tuesdays"]}\n' +
      'decision := {"decision": "needs_approval", "approvals_required": 3} if input.step.risk_class == "read"\n',
  );
  expect(await engine.decide(question(org_id))).toEqual({
    decision: 'deny',
    reasons: ['not on Tuesdays'],
    approvals_required: 0,
    revision: body.sha256,
  });
  expect(await engine.decide(question(org_id, { risk_class: 'read' }))).toMatchObject({
    decision: 'needs_approval',
    approvals_required: 3,
  });
  await reset();
  expect(await engine.decide(question(org_id))).toMatchObject({ decision: 'allow' });
});

test.each([
  ['no value', 'decision := {"decision": "allow"} if not input.step.args.trap\n', 'says nothing'],
  [
    'another shape',
    'decision := {"decision": "allow"} if not input.step.args.trap\ndecision := true if input.step.args.trap\n',
    'is not an object',
  ],
  [
    'another word',
    'word := object.get(input.step.args, "trap", "allow")\ndecision := {"decision": word}\n',
    'has no decision',
  ],
  [
    'approvals that do not fit',
    'decision := {"decision": "allow", "approvals_required": object.get(input.step.args, "trap", 0)}\n',
    'does not fit',
  ],
  [
    'two answers at once',
    'decision := {"decision": "allow"}\ndecision := {"decision": "deny"} if input.step.args.trap\n',
    'bad_answer',
  ],
  [
    'more than anybody reads',
    'long := concat("", [x | some i in input.step.args.trap; x := concat("", [y | some j in input.step.args.trap; y := "abcdefghijklmnop"])])\n' +
      'decision := {"decision": "allow", "reasons": [long]}\n',
    'too_large',
  ],
  [
    'rules that never end',
    'decision := {"decision": "allow"} if { t := object.get(input.step.args, "trap", [1]); ' +
      'count([1 | some a in t; some b in t; some c in t; some d in t; a + b + c + d > 0]) >= 0 }\n',
    'timeout',
  ],
] as const)('denies when the policy gives %s', async (_, rules, reason) => {
  const taken = await own(rules);
  expect(taken.status, JSON.stringify(taken.body)).toBe(200);
  const many = Array.from({ length: 300 }, (_each, index) => index + 1);
  const trap = reason === 'too_large' || reason === 'timeout' ? many : 'trap';
  const answer = await engine.decide(question(org_id, { args: { trap } }));
  expect(answer.decision).toBe('deny');
  expect(answer.reasons.join()).toContain(reason);
  // the engine is not kept busy by what was given up
  expect(await engine.decide(question(org_id, { args: {} }))).toMatchObject({ decision: 'allow' });
});

test('without its engine every step is denied, reading and dry runs too, and health says so; then all is as before', async () => {
  const health = async () => (await admin.get('/health')).body;
  const { body } = await own('decision := {"decision": "allow", "reasons": ["ours"]}\n');
  expect((await health()).services.opa).toBe('healthy');
  await server.kill();
  const denied = { decision: 'deny', reasons: ['the policy engine gave no decision (unreachable)'] };
  expect(await engine.decide(question(org_id))).toMatchObject(denied);
  expect(await engine.decide(question(org_id, { risk_class: 'read' }, true))).toMatchObject(denied);
  await until(async () => (await health()).services.opa === 'unhealthy');
  expect(await health()).toMatchObject({ status: 'degraded', services: { opa: 'unhealthy' } });
  const input = {};
  for (const refused of [
    await admin.post(policies('/playbook_step/test'), { input }),
    await admin.put(policies('/playbook_step'), { source: 'package playbook_step\n' }),
  ]) {
    expect(refused).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
    expect(refused.body.detail).toContain('opa');
  }
  expect((await admin.get(policies('/playbook_step'))).body.sha256).toBe(body.sha256);

  await server.startAgain();
  await until(async () => (await health()).services.opa === 'healthy');
  expect(await engine.decide(question(org_id))).toMatchObject({ decision: 'allow', reasons: ['ours'] });
});

test('no engine configured: health says so and every step is denied', async () => {
  const bare = await startTestApi({ OPA_URL: '' }, api);
  try {
    const caller = bare.as('admin@decide.example');
    expect((await caller.get('/health')).body.services.opa).toBe('not_configured');
    const answer = await caller.post(policies('/playbook_step/test'), { input: {} });
    expect(answer).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('not configured') },
    });
    expect(await createPolicyEngine({ db, runtime: undefined }).decide(question(org_id))).toMatchObject({
      decision: 'deny',
      reasons: ['no policy engine is configured'],
    });
  } finally {
    await bare.stop();
  }
});

test('an organization that cannot be read is denied', async () => {
  const gone = connect({ url: 'postgres://nobody@127.0.0.1:1/none', pool_max: 1, application_name: 'gone' });
  try {
    const answer = await createPolicyEngine({ db: gone, runtime: createPolicyRuntime(opa) }).decide(
      question(org_id),
    );
    expect(answer).toMatchObject({
      decision: 'deny',
      reasons: ['the policy cannot be read'],
      revision: null,
    });
  } finally {
    await gone.destroy();
  }
});
