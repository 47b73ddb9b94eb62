// S21: no regular expression of the sources, and no pattern of the OpenAPI document, can be made to take ages.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { holdsInstructions } from '../../activities/judge/injection.js';
import { cleanProse } from '../../activities/judge/text.js';
import { matchesGlob } from '../../domain/frameworks/glob.js';
import { REFERENCE } from '../../domain/playbooks/variables.js';
import { startTestApi, type TestApi } from '../support/app.js';

const root = resolve(import.meta.dirname, '../..');
const FOLDERS = ['domain', 'db', 'activities', 'workflows', 'api', 'workers', 'local', 'bench'] as const;

/**
 * Expressions that look so many letters ahead after each start and no further: work in proportion to the text, which
 * recheck cannot tell from worse. What it holds to be their worst texts is put through them at length instead.
 */
const BOUNDED: Readonly<Record<string, { run: (text: string) => unknown; worst: readonly string[] }>> = {
  'activities/judge/injection.ts': {
    run: holdsInstructions,
    worst: [
      'forget\0all\0',
      "you're\0",
      'ai model\0',
      '##',
      '\nuser:\t',
      '\n\t',
      '"status":"pass"f',
      '"severity""status":\t',
      '![t',
      'post ',
      'ignoreés',
      'setzeq',
      'evaluator\0mchhv ',
      '000000000000000000000000\t\t',
    ],
  },
  'activities/judge/text.ts': {
    run: (text) => cleanProse(text, 1_000),
    worst: ['[](!', '<!<', '[](', 'http:', '![', '<a'],
  },
  'domain/playbooks/variables.ts': {
    run: (text) => text.replace(REFERENCE, ''),
    worst: ['_', '__e', '__e__', '__e__:valu'],
  },
};
/** Letters: as much as a large document holds. */
const LONG = 200_000;

/**
 * Files that put an expression together, of constants of their own. A user's words are never among them: they are
 * compared by hand (domain/frameworks/glob.ts).
 */
const COMPOSED = [
  'activities/judge/injection.ts',
  'domain/frameworks/oscal-data-schema.ts',
  'domain/idempotency/rules.ts',
  'domain/orgs/schema.ts',
  'domain/playbooks/cacao-schema.ts',
  'domain/policies/language.ts',
];

interface Found {
  source: string;
  flags: string;
  places: string[];
}

interface Scan {
  found: Map<string, Found>;
  composed: Set<string>;
}

function note({ found }: Scan, source: string, flags: string, place: string): void {
  const key = `/${source}/${flags}`;
  const known = found.get(key);
  if (known) known.places.push(place);
  else found.set(key, { source, flags, places: [place] });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(node: unknown): string | undefined {
  return isRecord(node) && node['type'] === 'Literal' && typeof node['value'] === 'string'
    ? node['value']
    : undefined;
}

function visit(scan: Scan, node: unknown, file: string): void {
  if (Array.isArray(node)) for (const item of node) visit(scan, item, file);
  if (!isRecord(node)) return;
  const { regex, type, callee, arguments: given } = node;
  if (isRecord(regex)) note(scan, String(regex['pattern']), String(regex['flags']), file);
  const made = (type === 'NewExpression' || type === 'CallExpression') && isRecord(callee);
  if (made && callee['name'] === 'RegExp' && Array.isArray(given)) {
    const source = textOf(given[0]);
    if (source === undefined) scan.composed.add(file);
    else note(scan, source, textOf(given[1]) ?? '', file);
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'regex') visit(scan, value, file);
}

function scanSources(): Scan & { files: number } {
  const scan: Scan = { found: new Map(), composed: new Set() };
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => join(folder, name)),
  );
  for (const file of files)
    visit(scan, parseAst(readFileSync(join(root, file), 'utf8'), { lang: 'ts' }), file);
  return { ...scan, files: files.length };
}

function patternsIn(value: unknown, scan: Scan): void {
  if (Array.isArray(value)) for (const item of value) patternsIn(item, scan);
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'pattern' && typeof inner === 'string') note(scan, inner, '', 'openapi');
    else patternsIn(inner, scan);
  }
}

let api: TestApi;
let scan: ReturnType<typeof scanSources>;
beforeAll(async () => {
  // no Java and no binary: whichever machine, the same checker
  process.env['RECHECK_BACKEND'] = 'pure';
  api = await startTestApi();
  scan = scanSources();
  const document = await api.raw('/api/v1/openapi.json');
  expect(document.status).toBe(200);
  patternsIn(document.body, scan);
});
afterAll(() => api.stop());

test('all sources are read, and the document', () => {
  expect(scan.files).toBeGreaterThan(400);
  expect(scan.found.size).toBeGreaterThan(150);
  const places = [...scan.found.values()].flatMap((each) => each.places);
  for (const place of ['openapi', 'domain/kris/cron.ts', 'api/http/etag.ts']) expect(places).toContain(place);
  expect([...scan.composed].toSorted()).toEqual(COMPOSED);
});

test('a glob with many stars is compared at once, and rightly', () => {
  expect(matchesGlob(`${'*a'.repeat(2_000)}b`, 'a'.repeat(4_000))).toBe(false);
  const cases: [string, string, boolean][] = [
    ['ac-*', 'ac-2.1', true],
    ['ac-?', 'ac-2', true],
    ['ac-?', 'ac-22', false],
    ['*', '', true],
    ['?', '', false],
    ['*.1', 'ac-2.1', true],
    ['a*c*e', 'abcdce', true],
    ['a.c', 'abc', false],
    ['', 'a', false],
  ];
  for (const [pattern, text, matched] of cases) expect(matchesGlob(pattern, text), pattern).toBe(matched);
});

test('the checker finds what is dangerous', async () => {
  const { check } = await import('recheck');
  expect((await check('^(a|a)*$', '')).status).toBe('vulnerable');
  expect((await check('^a+$', '')).status).toBe('safe');
});

test('every expression is safe', { timeout: 300_000 }, async () => {
  const { check } = await import('recheck');
  // without a repetition there is nothing to repeat
  const others = [...scan.found.values()].filter(
    ({ source, places }) => /[*+{]/.test(source) && places.some((place) => !(place in BOUNDED)),
  );
  const doubtful: string[] = [];
  for (const { source, flags, places } of others) {
    const { status } = await check(source, flags, { timeout: 30_000, randomSeed: 1 });
    if (status !== 'safe') doubtful.push(`${status}: /${source}/${flags} in ${places.join(', ')}`);
  }
  expect(doubtful).toEqual([]);
});

test.each(
  Object.entries(BOUNDED).flatMap(([file, { run, worst }]) =>
    worst.map((text) => [file, JSON.stringify(text), text, run] as const),
  ),
)('%s comes to an end with %s', (_file, _shown, text, run) => {
  const long = text.repeat(Math.ceil(LONG / text.length));
  for (const given of [long, `${long}\n`, `x${long}!`]) run(given);
});
