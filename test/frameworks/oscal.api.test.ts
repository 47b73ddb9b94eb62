// OSCAL by HTTP: catalogues and profiles become frameworks of one organization, whole or not at all.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, startTestApi, type TestApi } from '../support/app.js';
import { buildCatalog, buildProfile } from '../support/factories/oscal.js';

/** Real files, where the checkout lies beside them; they are too large to be kept here. */
const SAMPLES = [resolve('../shared/oscal'), '/work/shared/oscal'].find((path) => existsSync(path));
const HIGH = 'NIST_SP-800-53_rev5_HIGH-baseline-resolved-profile_catalog-min.json';
const LOW = 'NIST_SP-800-53_rev5_LOW-baseline_profile-min.json';

let api: TestApi;
let admin: Caller;
let org: string;
let path: string;

beforeAll(async () => {
  // whole catalogues keep a busy machine busy, which is not what is tried here
  api = await startTestApi();
  admin = api.as('admin@oscal.example');
  org = (await admin.post('/orgs', { name: 'Oscal', domain: 'oscal.example' })).body.id;
  path = `/orgs/${org}/frameworks/import`;
});
afterAll(() => api.stop());

interface Control {
  ref: string;
  group: string;
  title: string;
  description: string;
  guidance: string;
}

async function controlsOf(id: string): Promise<Control[]> {
  return (await admin.get(`/frameworks/${id}/controls?limit=200`)).body.items;
}

async function countFrameworks(): Promise<number> {
  return (await admin.get('/frameworks?limit=200')).body.items.length;
}

test('a catalogue becomes a framework that can be assessed, and only its organization sees it', async () => {
  const { status, body } = await admin.post(path, { catalog: buildCatalog() });
  expect(status, JSON.stringify(body)).toBe(201);
  expect(body).toMatchObject({
    key: 'HOUSE_RULES',
    name: 'House rules',
    version: '1.0',
    control_count: 3,
    groups: [{ key: 'hr', title: 'Rooms', control_count: 3 }],
  });
  const controls = await controlsOf(body.id);
  expect(controls.map(({ ref }) => ref)).toEqual(['HR-1', 'HR-1(1)', 'hr-2']);
  expect(controls[0]).toMatchObject({
    group: 'hr',
    title: 'Doors',
    description:
      'Doors:\n  a. close within [Assignment: hours];\n  b. open [Selection (one or more): by key; by [Assignment: hours]].',
    guidance: 'A door is anything that one walks through.',
  });
  const assessment = { framework_id: body.id, name: 'Doors', scope: 'All' };
  expect((await admin.post(`/orgs/${org}/assessments`, assessment)).status).toBe(201);
  expect((await api.as('stranger@else.example').get(`/frameworks/${body.id}`)).status).toBe(404);
  const log = await admin.get(`/orgs/${org}/audit-log?resource=${body.id}`);
  expect(log.body.items[0]).toMatchObject({ action: 'framework.import', outcome: 'done' });
});

test('the same version is refused; another key takes it', async () => {
  expect((await admin.post(path, { catalog: buildCatalog('Twice') })).status).toBe(201);
  const again = await admin.post(path, { catalog: buildCatalog('Twice') });
  expect(again.status).toBe(409);
  expect(again.body).toMatchObject({ code: 'CONFLICT', field: 'key' });
  expect((await admin.post(path, { catalog: buildCatalog('Twice'), key: 'TWICE_MORE' })).status).toBe(201);
});

test('a flat catalogue of as many controls as one may have is taken, and none larger', async () => {
  const flat = (count: number) => ({
    ...buildCatalog('Flat'),
    groups: undefined,
    controls: Array.from({ length: count }, (_, at) => ({ id: `f-${String(at)}`, title: 'Flat' })),
  });
  const taken = await admin.post(path, { catalog: flat(5_000) });
  expect(taken.body, JSON.stringify(taken.body).slice(0, 500)).toMatchObject({ control_count: 5_000 });
  expect((await admin.post(path, { catalog: flat(5_001), key: 'LARGER' })).status).toBe(422);
});

describe('a profile chooses from a framework', () => {
  const choose = async (imports: object[], more: object = {}, key = '') => {
    const base = (await admin.post(path, { catalog: buildCatalog(), key: `BASE_${key}` })).body.id;
    return await admin.post(path, { profile: buildProfile(imports, more), base, key: `P_${key}` });
  };
  test.each([
    { key: 'IDS', imports: [{ 'include-controls': [{ 'with-ids': ['hr-1'] }] }], refs: ['HR-1'] },
    {
      key: 'CHILDREN',
      imports: [{ 'include-controls': [{ 'with-child-controls': 'yes', 'with-ids': ['hr-1'] }] }],
      refs: ['HR-1', 'HR-1(1)'],
    },
    {
      key: 'GLOB',
      imports: [{ 'include-controls': [{ matching: [{ pattern: 'hr-?' }] }] }],
      refs: ['HR-1', 'hr-2'],
    },
    { key: 'ALL', imports: [{ 'include-all': {} }], refs: ['HR-1', 'HR-1(1)', 'hr-2'] },
    {
      key: 'BUT',
      imports: [{ 'include-all': {}, 'exclude-controls': [{ 'with-ids': ['hr-2'] }] }],
      refs: ['HR-1', 'HR-1(1)'],
    },
    {
      key: 'TWO',
      imports: [
        { 'include-controls': [{ 'with-ids': ['hr-2'] }] },
        { 'include-controls': [{ 'with-ids': ['hr-1'] }] },
      ],
      refs: ['HR-1', 'hr-2'],
    },
  ])('$key', async ({ key, imports, refs }) => {
    const { status, body } = await choose(imports, {}, key);
    expect(status, JSON.stringify(body)).toBe(201);
    expect((await controlsOf(body.id)).map(({ ref }) => ref)).toEqual(refs);
  });

  test('what it asks for and is not there, is told with its place', async () => {
    const answer = await choose([{ 'include-controls': [{ 'with-ids': ['hr-1', 'hr-9'] }] }], {}, 'MISSING');
    expect(answer.status).toBe(422);
    expect(answer.body.field).toBe('profile.imports.0.include-controls.0.with-ids.1');
  });

  test('two sources are refused, not mixed', async () => {
    const answer = await choose(
      [
        { href: '#a', 'include-all': {} },
        { href: '#b', 'include-all': {} },
      ],
      {},
      'B',
    );
    expect(answer.status).toBe(422);
    expect(answer.body.field).toBe('profile.imports.1.href');
  });

  test('its changes need the catalogue beside it, else they are refused, not dropped', async () => {
    const modify = { 'set-parameters': [{ 'param-id': 'hr-1_p1', values: ['8 hours'] }] };
    const answer = await choose([{ 'include-all': {} }], { modify }, 'MODIFY');
    expect(answer.status).toBe(422);
    expect(answer.body.field).toBe('profile.modify');
    const profile = buildProfile([{ 'include-controls': [{ 'with-ids': ['hr-1'] }] }], { modify });
    const both = await admin.post(path, { catalog: buildCatalog(), profile, key: 'CHANGED' });
    expect(both.body, JSON.stringify(both.body)).toMatchObject({ name: 'Night watch', control_count: 1 });
    expect((await controlsOf(both.body.id))[0]?.description).toContain('close within 8 hours;');
  });

  test('the base must be there, and goes with a profile only', async () => {
    const profile = buildProfile([{ 'include-all': {} }]);
    expect((await admin.post(path, { profile })).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      field: 'base',
    });
    const nowhere = '0198c0de-0000-7000-8000-000000000001';
    expect((await admin.post(path, { profile, base: nowhere })).status).toBe(404);
    expect((await admin.post(path, { catalog: buildCatalog(), base: nowhere })).status).toBe(422);
  });
});

type Catalog = ReturnType<typeof buildCatalog>;
const nested = (depth: number): object =>
  depth === 0 ? { id: 'x', title: 'x' } : { id: `x${depth}`, title: 'x', controls: [nested(depth - 1)] };

describe('a wrong catalogue changes nothing and names the place', () => {
  const wrong: [string, (catalog: Catalog) => object, string][] = [
    ['no uuid', (catalog) => ({ ...catalog, uuid: undefined }), 'catalog.uuid'],
    [
      'a uuid of version 1',
      (catalog) => ({ ...catalog, uuid: '6c3a4f5e-8d0b-1b6e-9d57-0f2f3c1f0a11' }),
      'catalog.uuid',
    ],
    [
      'OSCAL 2',
      ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, 'oscal-version': '2.0.0' } }),
      'catalog.metadata.oscal-version',
    ],
    ['an unknown field', (catalog) => ({ ...catalog, extra: 1 }), 'catalog.extra'],
    ['an empty list', (catalog) => ({ ...catalog, groups: [] }), 'catalog.groups'],
    ['no controls', (catalog) => ({ ...catalog, groups: undefined }), 'catalog'],
    [
      'a control without a title',
      (catalog) => ({ ...catalog, controls: [{ id: 'a-1' }] }),
      'catalog.controls.0.title',
    ],
    [
      'an id that is no token',
      (catalog) => ({ ...catalog, controls: [{ id: '1 a', title: 'x' }] }),
      'catalog.controls.0.id',
    ],
    [
      'an id that is there twice',
      (catalog) => ({ ...catalog, controls: [{ id: 'hr-2', title: 'x' }] }),
      'catalog.groups.0.controls.1.id',
    ],
    [
      'half a character',
      (catalog) => ({ ...catalog, controls: [{ id: 'a-1', title: 'x\ud800' }] }),
      'catalog.controls.0.title',
    ],
    [
      'a NUL',
      (catalog) => ({ ...catalog, controls: [{ id: 'a-1', title: 'x\u0000' }] }),
      'catalog.controls.0.title',
    ],
  ];
  test.each(wrong)('%s', async (_, spoil, field) => {
    const before = await countFrameworks();
    const { status, body } = await admin.post(path, { catalog: spoil(buildCatalog('Wrong')) });
    expect(status).toBe(422);
    expect(body, JSON.stringify(body)).toMatchObject({ code: 'VALIDATION_ERROR', field });
    expect(body.detail).not.toMatch(/Invalid|expected|received/);
    expect(await countFrameworks()).toBe(before);
  });

  test('one that nests to exhaust the reader', async () => {
    for (const depth of [60, 20_000]) {
      const { uuid, metadata } = buildCatalog();
      // too deep for JSON.stringify to write it
      const text = `{"catalog":{"uuid":"${uuid}","metadata":${JSON.stringify(metadata)},"controls":[${'{"id":"x","title":"x","controls":['.repeat(depth)}${JSON.stringify(nested(1))}${']}'.repeat(depth)}]}}`;
      const { status } = await api.raw(`/api/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${api.access.token('admin@oscal.example')}`,
          'content-type': 'application/json',
        },
        body: text,
      });
      expect([400, 422]).toContain(status);
    }
  });

  test('none at all', async () => {
    expect((await admin.post(path, {})).status).toBe(422);
    expect((await admin.post(path, { $schema: 'https://grc.example/schema.json' })).status).toBe(422);
  });
});

async function allControls(id: string, filter: string): Promise<Control[]> {
  const found: Control[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const { body } = await admin.get(`/frameworks/${id}/controls?limit=200${filter}${cursor}`);
    found.push(...body.items);
    cursor = body.next_cursor === null ? undefined : `&cursor=${body.next_cursor}`;
  }
  return found;
}

/** The texts that do not ship come under the refs that do. */
async function expectTexts(high: string): Promise<void> {
  const { items } = (await admin.get('/frameworks?limit=200')).body;
  const shipped = items.find(({ key }: { key: string }) => key === 'NIST_800_53_R5').id;
  const rows = await allControls(shipped, '&baseline=HIGH');
  const texts = await allControls(high, '');
  expect(texts.map(({ ref }) => ref).toSorted()).toEqual(rows.map(({ ref }) => ref).toSorted());
  for (const { ref, description } of rows) expect(description, ref).toContain('full text comes by import');
  for (const { ref, title, description, guidance } of texts) {
    expect(description, ref).not.toBe(title);
    expect(`${description}${guidance}`, ref).not.toContain('as the organization defines');
  }
}

describe.skipIf(SAMPLES === undefined)('the files of NIST', () => {
  const read = (file: string): object => JSON.parse(readFileSync(`${SAMPLES ?? ''}/${file}`, 'utf8'));
  test('the resolved HIGH baseline: 370 controls with their texts; LOW chooses 149 of them', async () => {
    const high = await admin.post(path, read(HIGH));
    expect(high.status, JSON.stringify(high.body)).toBe(201);
    expect(high.body.control_count).toBe(370);
    const controls = await controlsOf(high.body.id);
    const account = controls.find(({ ref }) => ref === 'AC-2');
    expect(account?.description).toContain('Define and document the types of accounts allowed');
    for (const { ref, description } of controls) expect(description, ref).not.toContain('insert: param');
    const low = await admin.post(path, { ...read(LOW), base: high.body.id });
    expect(low.body, JSON.stringify(low.body)).toMatchObject({ control_count: 149 });
    await expectTexts(high.body.id);
  });

  test('LOW chooses from the catalogue that ships, too', async () => {
    const { items } = (await admin.get('/frameworks?limit=200')).body;
    const base = items.find(({ key }: { key: string }) => key === 'NIST_800_53_R5').id;
    const low = await admin.post(path, { ...read(LOW), base, key: 'LOW_OF_BUILT_IN' });
    expect(low.body, JSON.stringify(low.body)).toMatchObject({ control_count: 149 });
    const baseline = await admin.get(`/frameworks/${base}/controls?baseline=LOW&limit=200`);
    expect((await controlsOf(low.body.id)).map(({ ref }) => ref)).toEqual(
      baseline.body.items.map(({ ref }: Control) => ref),
    );
  });
});
