// The operator's import: exit codes, one line each, whole or not at all.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, startTestApi, type TestApi } from '../support/app.js';
import { buildCatalog, buildProfile } from '../support/factories/oscal.js';
import { operate } from '../support/operator-command.js';

let api: TestApi;
let admin: Caller;
let org: string;
let folder: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@command.example');
  org = (await admin.post('/orgs', { name: 'Command', domain: 'command.example' })).body.id;
  folder = mkdtempSync(join(tmpdir(), 'oscal-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.stop();
});

function file(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function run(...args: string[]): Promise<{ ok: boolean; line: string }> {
  const { code, output } = await operate(
    {
      DATABASE_URL: api.database.owner_url,
      DATABASE_APP_URL: api.database.app_url,
      NODE_NO_WARNINGS: '1',
    },
    'framework-import',
    ...args,
  );
  expect(output.trimEnd().split('\n')).toHaveLength(1);
  return { ok: code === 0, line: output.trimEnd() };
}

test('a catalogue, a profile of it, and a profile of what was imported', async () => {
  const catalog = file('catalog.json', { $schema: 'https://x.example/', catalog: buildCatalog() });
  const first = await run('--org', org, catalog);
  expect(first.line).toMatch(/^imported HOUSE_RULES 1\.0: 3 controls, framework [0-9a-f-]{36}$/);
  const base = first.line.slice(-36);
  const log = await admin.get(`/orgs/${org}/audit-log?resource=${base}`);
  expect(log.body.items[0]).toMatchObject({ action: 'framework.import', actor_id: null, outcome: 'done' });
  const modify = { 'set-parameters': [{ 'param-id': 'hr-1_p1', values: ['8 hours'] }] };
  const chosen = [{ 'include-controls': [{ 'with-ids': ['hr-1'] }] }];
  const profile = file('profile.json', { profile: buildProfile(chosen, { modify }) });
  const second = await run('--org', org, catalog, '--profile', profile, '--key', 'NIGHT');
  expect(second).toMatchObject({ ok: true, line: expect.stringMatching(/^imported NIGHT 1\.0: 1 controls/) });
  const plain = file('plain.json', { profile: buildProfile(chosen) });
  const third = await run('--org', org, plain, '--base', base, '--key', 'PLAIN');
  expect(third).toMatchObject({ ok: true, line: expect.stringMatching(/^imported PLAIN 1\.0: 1 controls/) });
});

test('what is wrong is one line with its place, and nothing changes', async () => {
  const before = (await admin.get('/frameworks?limit=200')).body.items.length;
  const wrong = { ...buildCatalog('Wrong'), controls: [{ id: 'a-1' }] };
  const good = file('good.json', { catalog: buildCatalog('Good') });
  const nobody = '0198c0de-0000-7000-8000-00000000dead';
  const cases: [string[], string | RegExp][] = [
    [['--org', org, file('wrong.json', { catalog: wrong })], /^catalog\.controls\.0\.title: is required$/],
    [
      ['--org', org, file('extra.json', { catalog: { ...buildCatalog(), extra: 1 } })],
      /^catalog\.extra: unknown field$/,
    ],
    [['--org', org, file('half.json', { catalog: buildCatalog('x\ud800') })], /^catalog\.metadata\.title: /],
    [['--org', org, file('broken.json', '{')], /broken\.json is not JSON$/],
    [['--org', org, file('other.json', { profile: {} })], /other\.json holds no OSCAL catalog/],
    [['--org', org, join(folder, 'none.json')], /none\.json cannot be read: ENOENT/],
    [['--org', nobody, good], `there is no organization ${nobody}`],
    [['--org', 'x', good], /^--org: /],
    [['--org', org], 'name the OSCAL file'],
    [['--org', org, good, '--key', 'small'], /^--key: must be capitals/],
  ];
  for (const [args, line] of cases) {
    const { ok, line: said } = await run(...args);
    expect(ok, said).toBe(false);
    if (typeof line === 'string') expect(said).toBe(line);
    else expect(said).toMatch(line);
  }
  expect((await admin.get('/frameworks?limit=200')).body.items.length).toBe(before);
}, 120_000);
