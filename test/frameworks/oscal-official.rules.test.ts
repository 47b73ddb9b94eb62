// Our reader against OSCAL's official JSON Schema: what ours takes, that takes too; what only ours refuses, it
// refuses for a reason that is written down here.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { oscalDocuments } from '../../domain/frameworks/oscal-profile-schema.js';
import { buildFullCatalog, buildFullProfile } from '../support/factories/oscal-full.js';
import { officialValidator } from '../support/tools/oscal-schemas.js';

const SAMPLES = [resolve('../shared/oscal'), '/work/shared/oscal'].find((path) => existsSync(path));
const HIGH = 'NIST_SP-800-53_rev5_HIGH-baseline-resolved-profile_catalog-min.json';
const LOW = 'NIST_SP-800-53_rev5_LOW-baseline_profile-min.json';
const RUNS = 4_000;

/** Where we are stricter than OSCAL, and why. */
const OURS = [
  'must not hold a NUL', // Postgres keeps neither
  'must not hold half a character',
  'must not be longer than 200 characters', // what people type into columns and globs
  'must not be longer than 100 characters',
  'must be OSCAL 1.x', // the version says what the rest means
  'must not be empty', // a title of blanks becomes a name
  'must be a URI', // no address in brackets
  'must be a URI reference',
  'must be an e-mail address', // no quoted local part, no literal
  'must be a date and time with its zone',
  // a parameter without an id is of no use to anybody
  'Invalid input: expected string, received undefined',
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function read(file: string): Json {
  return JSON.parse(readFileSync(`${SAMPLES ?? ''}/${file}`, 'utf8'));
}

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One control of the real catalogue at a time: small enough to be tried thousands of times. */
function pieces(document: Json): Json[] {
  const catalog = isObject(document) ? document['catalog'] : undefined;
  if (!isObject(catalog) || !Array.isArray(catalog['groups'])) return [];
  const back = catalog['back-matter'];
  const resources = isObject(back) && Array.isArray(back['resources']) ? back['resources'].slice(0, 2) : [];
  return catalog['groups'].filter(isObject).map((group, at) => {
    const controls = Array.isArray(group['controls']) ? group['controls'] : [];
    const one = { ...group, controls: controls.slice(at % 3, (at % 3) + 1) };
    return { catalog: { ...catalog, groups: [one], 'back-matter': { resources } } };
  });
}

const VALUES: Json[] = [
  null, true, 0, -1.5, '', ' ', 'x', ' x', 'x ', 'a\nb', 'a\u2028b', '\u0000', 'ünï-Çode_1.2', '1a', 'a b', 'x'.repeat(300),
  [], {}, [null], [{}], ['x'], { a: 1 }, '#', '#x', 'a:b', 'urn:a', 'http://a:b', 'http://[::1]/', 'http://a b', '%zz', '//a//b',
  'http://u:p@h:1/p?q#f', 'a/b:c', '?q#f#g', 'a@b', 'a@b.c', '.a@b.c', '"a"@b.c', 'YQ=', 'YQ===', '1.1.2', '2.0.0', 'yes', 'keep',
  '6c3a4f5e-8d0b-1b6e-9d57-0f2f3c1f0a11', '6C3A4F5E-8D0B-4B6E-9D57-0F2F3C1F0A11', '2023-02-29T00:00:00Z', '2024-02-29T00:00:00Z',
  '2024-01-01', '2024-01-01T00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00', '2024-01-01T00:00:00+05:45',
  '2024-01-01T00:00:00+05:15', '2024-04-31T00:00:00Z', '1899-01-01T00:00:00Z', '2024-01-01T00:00:00.123456789-09:30',
]; // prettier-ignore

const KEYS = [
  'id', 'uuid', 'title', 'class', 'ns', 'value', 'values', 'select', 'controls', 'groups', 'parts', 'params', 'props', 'links',
  'remarks', 'addresses', 'location-uuids', 'include-all', 'include-controls', 'flat', 'as-is', 'custom', 'href', 'extra',
  'insert-controls', '__proto__', 'constructor',
]; // prettier-ignore

interface Spot {
  holder: Record<string, Json> | Json[];
  key: string;
}

function spotsOf(document: Json): Spot[] {
  const spots: Spot[] = [];
  const visit = (holder: Json): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const [key, value] of Object.entries(holder)) {
      spots.push({ holder, key });
      visit(value);
    }
  };
  visit(document);
  return spots;
}

interface Mutation {
  at: number;
  kind: 'set' | 'remove' | 'add' | 'rename' | 'copy' | 'empty' | 'mixed';
  value: Json;
  key: string;
  from: number;
}

const mutation = fc.record<Mutation>({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'remove', 'add', 'rename', 'copy', 'empty', 'mixed'),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
    fc.string({ unit: 'binary', maxLength: 12 }),
  ),
  key: fc.constantFrom(...KEYS),
  from: fc.nat(),
});

function put(holder: Spot['holder'], key: string, value: Json): void {
  // an own field also under the names that objects have from birth
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function mutate(document: Json, { at, kind, value, key, from }: Mutation): void {
  const spots = spotsOf(document).slice(1);
  const spot = spots[at % spots.length];
  if (!spot) return;
  const { holder } = spot;
  const present = Object.getOwnPropertyDescriptor(holder, spot.key)?.value;
  const other = spots[from % spots.length];
  const copied = other && structuredClone(Object.getOwnPropertyDescriptor(other.holder, other.key)?.value);
  if (kind === 'set') put(holder, spot.key, value);
  else if (kind === 'empty') put(holder, spot.key, Array.isArray(present) ? [] : {});
  else if (kind === 'copy') put(holder, spot.key, copied);
  else if (kind === 'mixed' && typeof present === 'string')
    put(holder, spot.key, `${present}${String.fromCodePoint(from % 0x3000)}`);
  else if (Array.isArray(holder)) holder.push(value);
  else if (kind === 'add') put(holder, key, other?.key === key ? copied : value);
  else {
    Reflect.deleteProperty(holder, spot.key);
    if (kind === 'rename') put(holder, key, present);
  }
}

function ourIssues(document: Json): string[] {
  const { success, error } = oscalDocuments.safeParse(document);
  return success ? [] : error.issues.map(({ message }) => message);
}

/** OSCAL 1.2 lost the method, which every profile up to 1.1 may name. */
function withoutMethod(document: Json): Json {
  const profile = isObject(document) ? document['profile'] : undefined;
  const merge = isObject(profile) ? profile['merge'] : undefined;
  const combine = isObject(merge) ? merge['combine'] : undefined;
  if (isObject(combine)) delete combine['method'];
  return document;
}

describe.each([
  { model: 'catalog' as const, own: (): Json => ({ catalog: buildFullCatalog() }), file: HIGH },
  { model: 'profile' as const, own: (): Json => ({ profile: buildFullProfile() }), file: LOW },
])('a $model', ({ model, own, file }) => {
  let official: ValidateFunction;
  let documents: Json[];
  beforeAll(async () => {
    official = await officialValidator(model);
    documents = [own()];
    if (SAMPLES !== undefined) {
      const real = read(file);
      documents.push(...(model === 'catalog' ? pieces(real) : [real]));
    }
  });

  test('that is right is right for both', () => {
    for (const document of documents) {
      expect(official(document), JSON.stringify(official.errors)).toBe(true);
      expect(ourIssues(document)).toEqual([]);
    }
    if (SAMPLES !== undefined) {
      const whole = read(file);
      expect([official(whole), ourIssues(whole)]).toEqual([true, []]);
    }
  });

  test('that we take is right for OSCAL, however it was spoiled; and we refuse no more than we say', () => {
    const counts = { both: 0, neither: 0, stricter: 0 };
    fc.assert(
      fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), (which, mutations) => {
        const document = structuredClone(documents[which % 2 === 0 ? 0 : which % documents.length] ?? null);
        for (const each of mutations) mutate(document, each);
        // what is sent has been text
        const sent: Json = JSON.parse(JSON.stringify(document));
        if (!isObject(sent) || !isObject(sent[model]) || Object.keys(sent).length > 1) return;
        const issues = ourIssues(sent);
        const right = official(withoutMethod(sent));
        if (issues.length === 0) {
          expect(right, `OSCAL refuses: ${JSON.stringify(official.errors)}`).toBe(true);
          counts.both += 1;
        } else if (right) {
          expect(issues.filter((issue) => !OURS.includes(issue))).toEqual([]);
          counts.stricter += 1;
        } else counts.neither += 1;
      }),
      { numRuns: RUNS },
    );
    // both answers were met often, so the comparison says something
    expect(counts.both).toBeGreaterThan(RUNS / 20);
    expect(counts.neither).toBeGreaterThan(RUNS / 4);
  });
});
