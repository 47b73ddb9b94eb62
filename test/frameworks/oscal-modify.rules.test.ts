// What a profile changes in the catalogue it stands beside, and what it may not.
import { expect, test } from 'vitest';
import { DomainError } from '../../domain/errors.js';
import { frameworkOf, type ImportedFramework } from '../../domain/frameworks/oscal.js';
import { oscalDocuments } from '../../domain/frameworks/oscal-profile-schema.js';
import { buildCatalog, buildProfile } from '../support/factories/oscal.js';

function imported(modify: object | undefined, more: object = {}): ImportedFramework {
  const profile = buildProfile([{ 'include-all': {} }], { ...(modify && { modify }), ...more });
  return frameworkOf(oscalDocuments.parse({ catalog: buildCatalog(), profile }));
}

function doors(modify: object): ImportedFramework['controls'][number] {
  const [control] = imported(modify).controls;
  if (!control) throw new Error('no control');
  return control;
}

function placeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.extras.field;
    throw error;
  }
  return 'not refused';
}

const alter = (change: object, id = 'hr-1') => ({ alters: [{ 'control-id': id, ...change }] });

test('a parameter that is set stands in the texts, also within the choices of another', () => {
  const { description } = doors({
    'set-parameters': [{ 'param-id': 'hr-1_p1', values: ['8 hours', '9 hours'] }],
  });
  expect(description).toContain('close within 8 hours, 9 hours;');
  expect(description).toContain('[Selection (one or more): by key; by 8 hours, 9 hours]');
});

test('a set value takes the place of a selection, a label that of a label', () => {
  const { description } = doors({
    'set-parameters': [
      { 'param-id': 'hr-1_p2', values: ['by hand'] },
      { 'param-id': 'hr-1_p1', label: 'minutes' },
    ],
  });
  expect(description).toBe('Doors:\n  a. close within [Assignment: minutes];\n  b. open by hand.');
});

test('a part is added where it is told to be', () => {
  const parts = [{ id: 'new', name: 'item', prose: 'NEW' }];
  const lines = (add: object): string[] =>
    doors(alter({ adds: [{ parts, ...add }] })).description.split('\n');
  expect(lines({ 'by-id': 'hr-1_smt' }).at(-1)).toBe('  NEW');
  expect(lines({ 'by-id': 'hr-1_smt', position: 'starting' })[1]).toBe('  NEW');
  const statement = [{ name: 'statement', prose: 'NEW' }];
  expect(lines({ parts: statement }).at(-1)).toBe('NEW');
  expect(lines({ parts: statement, position: 'before' })[0]).toBe('NEW');
  expect(lines({ parts: statement, 'by-id': 'hr-1_smt', position: 'after' }).at(-1)).toBe('NEW');
  expect(lines({ parts: statement, 'by-id': 'hr-1_smt', position: 'before' })[0]).toBe('NEW');
});

test('a title, a label and a parameter of its own come to a control', () => {
  const control = doors(
    alter({
      removes: [{ 'by-name': 'label' }],
      adds: [
        {
          title: 'Gates',
          props: [{ name: 'label', value: 'G-1' }],
          params: [{ id: 'p_new', values: ['now'] }],
          parts: [{ name: 'guidance', prose: 'Do it {{ insert: param, p_new }}.' }],
        },
      ],
    }),
  );
  expect(control).toMatchObject({ ref: 'G-1', title: 'Gates', oscal_id: 'hr-1' });
  expect(control.guidance.split('\n').at(-1)).toBe('Do it now.');
});

test('what is removed is gone with what it holds; its enhancements stay', () => {
  const all = imported(
    alter({ removes: [{ 'by-id': 'hr-1_smt' }, { 'by-name': 'guidance', 'by-item-name': 'part' }] }),
  );
  expect(all.controls[0]).toMatchObject({ description: 'Doors', guidance: '' });
  expect(all.controls).toHaveLength(3);
  expect(doors(alter({ removes: [{ 'by-name': 'item' }] })).description).toBe('Doors:');
  // every by- must fit
  expect(doors(alter({ removes: [{ 'by-name': 'item', 'by-class': 'other' }] })).description).toContain(
    'a. close',
  );
});

test('a change of a control that is not chosen has no effect', () => {
  const profile = buildProfile([{ 'include-controls': [{ 'with-ids': ['hr-2'] }] }], {
    modify: alter({ adds: [{ title: 'Gates' }] }),
  });
  const { controls } = frameworkOf(oscalDocuments.parse({ catalog: buildCatalog(), profile }));
  expect(controls.map(({ title }) => title)).toEqual(['Windows']);
});

const BASE = 'profile.modify';
test.each<[string, object, string]>([
  ['a parameter that is not there', { 'set-parameters': [{ 'param-id': 'no', values: ['x'] }] }, `${BASE}.set-parameters.0.param-id`],
  ['a parameter without a name', { 'set-parameters': [{ values: ['x'] }] }, `${BASE}.set-parameters.0.param-id`],
  ['a control that is not there', alter({ adds: [{ title: 'x' }] }, 'no'), `${BASE}.alters.0.control-id`],
  ['to remove anything at all', alter({ removes: [{ remarks: 'x' }] }), `${BASE}.alters.0.removes.0`],
  ['to remove what is not there', alter({ removes: [{ 'by-id': 'no' }] }), `${BASE}.alters.0.removes.0.by-id`],
  ['to add to what is not there', alter({ adds: [{ 'by-id': 'no' }] }), `${BASE}.alters.0.adds.0.by-id`],
  ['a title for a part', alter({ adds: [{ 'by-id': 'hr-1_smt', title: 'x' }] }), `${BASE}.alters.0.adds.0.title`],
  ['parameters in a part', alter({ adds: [{ 'by-id': 'hr-1_smt', params: [{ id: 'x' }] }] }), `${BASE}.alters.0.adds.0.params`],
  ['parts in a parameter', alter({ adds: [{ 'by-id': 'hr-1_p1', parts: [{ name: 'x' }] }] }), `${BASE}.alters.0.adds.0.parts`],
  ['a property beside a part', alter({ adds: [{ 'by-id': 'hr-1_smt', position: 'after', props: [{ name: 'x', value: 'x' }] }] }), `${BASE}.alters.0.adds.0.props`],
])('%s is refused with its place', (_, modify, place) => {
  expect(placeOf(() => imported(modify))).toBe(place);
}); // prettier-ignore

test('an order of its own is refused, not dropped', () => {
  expect(placeOf(() => imported(undefined, { merge: { custom: {} } }))).toBe('profile.merge.custom');
  expect(
    imported(undefined, { merge: { combine: { method: 'keep' }, 'as-is': true } }).controls,
  ).toHaveLength(3);
});

test('a catalogue is not changed by being read', () => {
  const { catalog } = oscalDocuments.parse({ catalog: buildCatalog() });
  const before = JSON.stringify(catalog);
  const { profile } = oscalDocuments.parse({
    profile: buildProfile([{ 'include-all': {} }], { modify: alter({ removes: [{ 'by-name': 'item' }] }) }),
  });
  frameworkOf({ catalog, profile });
  expect(JSON.stringify(catalog)).toBe(before);
});
