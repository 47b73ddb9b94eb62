// S6 for policies: what an organization writes runs in an engine that all share. None of it sees another organization,
// the network, the host or the platform's own policies, and none of it stops the others.
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPolicyEngine } from '../../activities/policy/decide.js';
import type { PolicyEngine } from '../../activities/policy/types.js';
import { connect, type Database } from '../../db/connection.js';
import {
  createPolicyRuntime,
  type Policy,
  policyHash,
  type PolicyRuntime,
} from '../../db/policies/engine.js';
import { createOpa, type Opa, OpaError } from '../../db/policies/opa.js';
import { listenOn } from '../../local/http-server.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { type OwnOpa, question, startOwnOpa } from './engine.js';

interface Tenant {
  org_id: string;
  caller: Caller;
  path: string;
}

let server: OwnOpa;
let api: TestApi;
let db: Database;
let opa: Opa;
let runtime: PolicyRuntime;
let engine: PolicyEngine;
let mallory: Tenant;
let victim: Tenant;

const SECRET =
  'package playbook_step\nsecret := "the-crown-jewels"\ndecision := {"decision": "deny", "reasons": [secret]}\n';

async function found(name: string): Promise<Tenant> {
  const caller = api.as(`admin@${name}.example`);
  const { body } = await caller.post('/orgs', { name, domain: `${name}.example` });
  return { org_id: body.id, caller, path: `/orgs/${body.id}/policies/playbook_step` };
}

beforeAll(async () => {
  server = await startOwnOpa();
  api = await startTestApi({ OPA_URL: server.url });
  [mallory, victim] = [await found('mallory'), await found('victim')];
  db = connect({ url: api.database.app_url, pool_max: 4, application_name: 'attacks' });
  opa = createOpa({ url: server.url });
  runtime = createPolicyRuntime(opa);
  engine = createPolicyEngine({ db, runtime });
  expect((await victim.caller.put(victim.path, { source: SECRET })).status).toBe(200);
  await engine.decide(question(victim.org_id)); // it is in the engine
}, 600_000);
afterAll(async () => {
  await opa.close();
  await db.destroy();
  await api.stop();
  await server.stop();
});

/** Where the victim's policy lies in the engine, as if the attacker knew. */
const home = () => `grc.org_${victim.org_id.replaceAll('-', '')}.playbook_step.r${policyHash(SECRET)}`;

const allow = 'decision := {"decision": "allow"}\n';
const ATTACKS: readonly (readonly [string, (secret: string) => string, RegExp])[] = [
  ['reads another organization', (at) => `decision := {"decision": "deny", "reasons": [data.${at}.secret]}`, /data/],
  ['imports another organization', (at) => `import data.${at} as them\ndecision := {"decision": "deny", "reasons": [them.secret]}`, /data/],
  ['looks up any name', () => 'decision := {"decision": "deny", "reasons": [x | walk(data, [_, x])]}', /data|recursive/],
  ['spells a name at run time', () => 'decision := {"decision": "allow"} if data[input.a][input.b]', /data|recursive/],
  ['hides a name in a text', (at) => `decision := {"decision": "deny", "reasons": [$"{data.${at}.secret}"]}`, /data/],
  ['writes over what others see', (at) => `${allow}x if input.x with data.${at}.secret as "mine"`, /data/],
  ['calls the network', () => 'decision := http.send({"method": "get", "url": "URL"}).body', /http\.send/],
  ['calls it inside a helper', () => `${allow}h(u) := http.send({"method": "get", "url": u})\nx := h("URL")`, /http\.send/],
  ['calls it in place of another function', () => `${allow}h(u) := {"body": u}\nx if { h({"method": "get", "url": "URL"}) with h as http.send }`, /http\.send/],
  ['resolves a name', () => `${allow}x := net.lookup_ip_addr("localhost")`, /net\.lookup_ip_addr/],
  ['reads the environment', () => 'decision := {"decision": "deny", "reasons": [json.marshal(opa.runtime())]}', /opa\.runtime/],
  ['parses modules', () => `${allow}x := rego.parse_module("a", "package a")`, /rego\.parse_module/],
  ['fetches a schema', () => `${allow}x := json.match_schema({}, {"$ref": "URL"})`, /json\.match_schema/],
  ['unpacks a bomb', () => `${allow}x := yaml.unmarshal("a")`, /yaml\.unmarshal/],
  ['counts to a billion', () => `${allow}x := numbers.range(1, 1000000000)`, /numbers\.range/],
  ['is in two packages', () => `${allow}package grc`, /package/],
]; // prettier-ignore

test.each(ATTACKS)(
  'a policy that %s is refused, with its line, and the old one stays',
  async (_, rules, says) => {
    let calls = 0;
    const listener = await listenOn(
      createServer((_req, res) => {
        calls += 1;
        res.end('{}');
      }),
      { port: 0 },
    );
    try {
      const { caller, path } = mallory;
      const before = (await caller.get(path)).body;
      const source = `package playbook_step\n${rules(home()).replaceAll('URL', listener.url)}\n`;
      for (const refused of [
        await caller.put(path, { source }),
        await caller.post(`${path}/test`, { source, input: { a: 'grc', b: 'x' } }),
      ]) {
        expect(refused).toMatchObject({ status: 422, body: { code: 'VALIDATION_ERROR', field: 'source' } });
        expect(refused.body.errors[0].detail).toMatch(/^line [2-4], column \d+: /);
        expect(refused.body.detail).toMatch(says);
        expect(JSON.stringify(refused.body)).not.toContain('crown');
      }
      expect((await caller.get(path)).body).toEqual(before);
      expect(calls).toBe(0);
      // nothing of it is left to be asked for
      const { body } = await opa.getPolicy(place(mallory.org_id, source));
      expect(body).toMatchObject({ code: 'resource_not_found' });
    } finally {
      await listener.stop();
    }
  },
);

function place(org_id: string, source: string): string {
  return `grc/org_${org_id.replaceAll('-', '')}/playbook_step/r${policyHash(source)}`;
}

test.each([
  'package grc.authz\nallow := true\n',
  'package incident_obligations\ndecision := {"decision": "allow"}\n',
  `package playbook_step.x\n${allow}`,
  `# package playbook_step\npackage system.authz\n${allow}`,
  `package playbook_step; package system\n${allow}`,
  allow,
  '# nothing',
])('only its own package is taken: %j', async (source) => {
  const refused = await mallory.caller.put(mallory.path, { source });
  expect(refused).toMatchObject({ status: 422, body: { field: 'source' } });
  expect(refused.body.detail).toContain('must begin with: package playbook_step');
});

test('two organizations with the same text are two policies, and one of them changes alone', async () => {
  const { caller, path, org_id } = mallory;
  expect((await caller.put(path, { source: SECRET })).status).toBe(200);
  const same = await engine.decide(question(org_id));
  expect(same).toEqual(await engine.decide(question(victim.org_id)));
  await caller.put(path, { source: `package playbook_step\n${allow}` });
  expect(await engine.decide(question(org_id))).toMatchObject({ decision: 'allow' });
  expect(await engine.decide(question(victim.org_id))).toMatchObject({ reasons: ['the-crown-jewels'] });
  expect((await caller.get(victim.path)).status).toBe(404);
  expect((await caller.put(victim.path, { source: `package playbook_step\n${allow}` })).status).toBe(404);
  expect((await victim.caller.get(victim.path)).body.source).toBe(SECRET);
});

test('what got into the database in another way is judged again before it is asked', async () => {
  const source = `package playbook_step\nimport data.${home()} as them\ndecision := them.decision\n`;
  const smuggled: Policy = {
    org_id: mallory.org_id,
    name: 'playbook_step',
    source,
    sha256: policyHash(source),
  };
  await expect(runtime.evaluate(smuggled, {})).rejects.toThrow(OpaError);
});

test('while one organization keeps the engine busy, others get their decisions', async () => {
  const spin =
    'package playbook_step\ndefault decision := {"decision": "deny", "reasons": ["no"]}\n' +
    'decision := {"decision": "allow"} if { t := input.step.args.t; some a in t; some b in t; some c in t; some d in t; a + b + c + d < 0 }\n';
  expect((await mallory.caller.put(mallory.path, { source: spin })).status).toBe(200);
  const t = Array.from({ length: 300 }, (_, index) => index);
  const attacks = [1, 2, 3].map(() => engine.decide(question(mallory.org_id, { args: { t } })));
  const fair = await engine.decide(question(victim.org_id));
  expect(fair).toMatchObject({ decision: 'deny', reasons: ['the-crown-jewels'] });
  for (const attack of await Promise.all(attacks))
    expect(attack).toMatchObject({ decision: 'deny', reasons: [expect.stringContaining('timeout')] });
});

test('a policy that takes too long for the example is not taken', async () => {
  const before = (await mallory.caller.get(mallory.path)).body;
  const digits = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]';
  const loops = [...'abcdefghij'].map((each) => `some ${each} in t`).join('; ');
  const source = `package playbook_step\nt := ${digits}\ndecision := {"decision": "allow"} if { n := count([1 | ${loops}]); n > 0 }\n`;
  const refused = await mallory.caller.put(mallory.path, { source });
  expect(refused).toMatchObject({ status: 422, body: { field: 'source' } });
  expect(refused.body.detail).toContain('takes too long');
  expect((await mallory.caller.get(mallory.path)).body).toEqual(before);
});
