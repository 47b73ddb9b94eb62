// A small document that asks for a great deal of work is refused before the work is done.
import { expect, test } from 'vitest';
import { frameworkOf } from '../../domain/frameworks/oscal.js';
import { oscalDocuments } from '../../domain/frameworks/oscal-profile-schema.js';
import { buildCatalog, buildProfile } from '../support/factories/oscal.js';

const ASKS = 'asks for more work than an import may take';

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const catalogOf = (controls: object[]) => ({ ...buildCatalog(), groups: undefined, controls });
const read = (documents: object) => () => frameworkOf(oscalDocuments.parse(documents));

test('parameters that stand in each other', () => {
  const insert = (id: number): string => `{{ insert: param, p${String(id % 30)} }}`;
  const params = many(30, (at) => ({
    id: `p${String(at)}`,
    select: { choice: many(20, () => insert(at + 1)) },
  }));
  const parts = [{ name: 'statement', prose: insert(0).repeat(50) }];
  expect(read({ catalog: catalogOf([{ id: 'a-1', title: 'A', params, parts }]) })).toThrow(
    `catalog: ${ASKS}`,
  );
});

test('patterns that are held against every control', () => {
  const long = 'a'.repeat(180);
  const controls = many(1_000, (at) => ({ id: `${long}${String(at)}`, title: 'A' }));
  const matching = many(1_000, () => ({ pattern: `*${long}*b` }));
  const profile = buildProfile([{ 'include-controls': [{ matching }] }]);
  expect(read({ catalog: catalogOf(controls), profile })).toThrow(
    `profile.imports.0.include-controls.0: ${ASKS}`,
  );
});

test.each([
  ['removals', { removes: many(1_000, () => ({ 'by-name': 'nothing' })) }],
  ['additions', { adds: many(1_000, () => ({ parts: [{ name: 'item' }] })) }],
])('%s that go over a large control', (_, change) => {
  const parts = many(1_000, () => ({ name: 'item', props: many(100, () => ({ name: 'p', value: 'v' })) }));
  const modify = { alters: [{ 'control-id': 'a-1', ...change }] };
  const profile = buildProfile([{ 'include-all': {} }], { modify });
  expect(read({ catalog: catalogOf([{ id: 'a-1', title: 'A', parts }]), profile })).toThrow(
    `profile.modify.alters.0: ${ASKS}`,
  );
});

test('a parameter that is set again and again', () => {
  const props = many(100, () => ({ name: 'p', value: 'v' }));
  const params = [{ id: 'p', label: 'P' }];
  const modify = { 'set-parameters': many(1_100, () => ({ 'param-id': 'p', props })) };
  const profile = buildProfile([{ 'include-all': {} }], { modify });
  expect(read({ catalog: catalogOf([{ id: 'a-1', title: 'A', params }]), profile })).toThrow(ASKS);
});

test('a catalogue of five thousand controls with texts and patterns is no such document', () => {
  const params = [{ id: 'p', label: 'a time that the organization finds right' }];
  const parts = [{ name: 'statement', prose: 'Within {{ insert: param, p }} and {{ insert: param, p }}.' }];
  const controls = many(5_000, (at) => ({ id: `a-${String(at)}`, title: 'A', params, parts }));
  const matching = many(50, (at) => ({ pattern: `a-${String(at)}*` }));
  const modify = { 'set-parameters': [{ 'param-id': 'p', values: ['a day'] }] };
  const profile = buildProfile([{ 'include-controls': [{ matching }] }], { modify });
  expect(read({ catalog: catalogOf(controls), profile })().controls.length).toBeGreaterThan(4_000);
});
