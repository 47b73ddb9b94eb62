// The catalogue of playbooks through HTTP: what ships, what is imported, what is refused and why.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { buildPlaybook, manual } from '../support/factories/playbook.js';

let api: TestApi;
let admin: Caller;
let base: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@catalogue.example');
  const { body } = await admin.post('/orgs', { name: 'Catalogue', domain: 'catalogue.example' });
  base = `/orgs/${body.id}/playbooks`;
});
afterAll(() => api.stop());

const idsOf = (body: { items: { playbook_id: string }[] }) =>
  body.items.map(({ playbook_id }) => playbook_id);

test('ships eight playbooks, to the library and to each organization', async () => {
  const library = await admin.get('/playbooks');
  expect(idsOf(library.body)).toHaveLength(8);
  expect(idsOf((await admin.get(base)).body)).toEqual(idsOf(library.body));
  const { body } = await admin.get('/playbooks/ransomware');
  expect(body).toMatchObject({ playbook_id: 'ransomware', revision: 1, built_in: true });
  expect(body.cacao_id).toBe(body.document.id);
  expect((await admin.get('/playbooks/none')).status).toBe(404);
});

test('an import is a revision; what comes out is what went in, and it goes before a built-in one', async () => {
  const { document } = buildPlaybook('one', { one: manual('end') });
  const first = await admin.post(base, { playbook_id: 'ransomware', document });
  expect(first.status, JSON.stringify(first.body)).toBe(201);
  expect(first.body).toMatchObject({ revision: 1, built_in: false, document });
  const second = await admin.post(base, {
    playbook_id: 'ransomware',
    document: { ...document, name: 'Newer' },
  });
  expect(second.body.revision).toBe(2);
  expect((await admin.get(`${base}/ransomware`)).body).toMatchObject({ name: 'Newer', built_in: false });
  expect(idsOf((await admin.get(`${base}?limit=200`)).body).filter((id) => id === 'ransomware')).toHaveLength(
    1,
  );
  expect((await admin.get('/playbooks/ransomware')).body.built_in).toBe(true);
});

test('what cannot be run is refused, with every reason and where it is', async () => {
  const built = buildPlaybook('one', { one: manual('end'), lost: manual('end') });
  const { document } = built;
  const ssh = { ...document.workflow[built.id('one')], commands: [{ type: 'ssh', command: 'reboot' }] };
  const bad = { ...document, revoked: true, workflow: { ...document.workflow, [built.id('one')]: ssh } };
  const refused = await admin.post(base, { playbook_id: 'bad', document: bad });
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'VALIDATION_ERROR', field: 'document.revoked' },
  });
  expect(refused.body.errors).toMatchObject([
    { field: 'document.revoked' },
    { field: `document.workflow.${built.id('one')}.commands.0.type` },
  ]);
  const lost = await admin.post(base, { playbook_id: 'bad', document });
  expect(lost.body.errors).toContainEqual({
    field: `document.workflow.${built.id('lost')}`,
    detail: 'is never reached',
  });
  expect(
    (await admin.post(base, { playbook_id: 'bad', document: { ...document, spec_version: '1.1' } })).status,
  ).toBe(422);
  expect((await admin.get(`${base}/bad`)).status).toBe(404);
});
