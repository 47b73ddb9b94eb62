// What the importer refuses, and with which reason; each document is right but for one thing.
import { expect, test } from 'vitest';
import { cacaoPlaybook, EXTENSION_ID } from '../../domain/playbooks/cacao-schema.js';
import { compile } from '../../domain/playbooks/compile.js';
import { buildPlaybook, http, manual, type Steps } from '../support/factories/playbook.js';

const TARGET = { targets: { api: 'https://edr.example/v1' } };

function problemsOf(
  first: string,
  steps: Steps,
  change: (document: ReturnType<typeof buildPlaybook>['document'], id: (key: string) => string) => object = (
    same,
  ) => same,
): string[] {
  const built = buildPlaybook(first, steps, TARGET);
  const parsed = cacaoPlaybook.safeParse(change(structuredClone(built.document), (key) => built.id(key)));
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return compile(parsed.data).problems.map(({ field, detail }) => `${field}: ${detail}`);
}

/** The document with another version of one step. */
function withStep(key: string, more: object) {
  return (document: ReturnType<typeof buildPlaybook>['document'], id: (key: string) => string) => {
    const step = { ...document.workflow[id(key)], ...more };
    return { ...document, workflow: { ...document.workflow, [id(key)]: JSON.parse(JSON.stringify(step)) } };
  };
}

const ONE: Steps = { one: manual('end') };
const extension = (words: object) => ({ step_extensions: { [EXTENSION_ID]: words } });

test('takes every construct', () => {
  const steps: Steps = {
    all: { do: 'parallel', branches: ['a', 'b'], next: 'choose', failure: 'sorry' },
    a: http('POST /isolate', 'end', { undo: 'release', risk_class: 'disruptive', approval: {} }),
    release: http('POST /release', 'end'),
    b: manual('end'),
    choose: { do: 'switch', on: '__incident_category__', cases: { phishing: 'loop', default: 'end' } },
    loop: { do: 'while', condition: "__incident_severity__:value = 'high'", body: 'again', max: 3 },
    again: manual('end'),
    sorry: { do: 'if', condition: "__incident_ref__:value LIKE 'INC-%'", yes: 'tell' },
    tell: manual('end', { timeout: 1000 }),
  };
  expect(problemsOf('all', steps)).toEqual([]);
});

test.each<[string, RegExp, Parameters<typeof problemsOf>]>([
  [
    'a step that nothing leads to',
    /workflow\.action--.*: is never reached/,
    ['one', { ...ONE, two: manual('end') }],
  ],
  [
    'evidence that is none',
    /evidence_before: must be a step that keeps evidence/,
    ['one', { one: manual('two', { kept: 'two' }), two: manual('end') }],
  ],
  ['a circle', /only while-condition repeats/, ['one', { one: manual('two'), two: manual('one') }]],
  [
    'a loop that a failure closes',
    /only while-condition repeats/,
    ['one', { one: manual('two'), two: manual('end', { failure: 'one' }) }],
  ],
  [
    'a step of two branches',
    /belongs to branch 1 of parallel--.* already/,
    [
      'all',
      { all: { do: 'parallel', branches: ['a', 'b'] }, a: manual('c'), b: manual('c'), c: manual('end') },
    ],
  ],
  [
    'a branch that jumps out of its block',
    /belongs to .* already/,
    ['if', { if: { do: 'if', condition: '1 = 1', yes: 'a', next: 'b' }, a: manual('b'), b: manual('end') }],
  ],
  [
    'a missing on_completion',
    /on_completion: is missing/,
    ['one', ONE, withStep('one', { on_completion: undefined })],
  ],
  [
    'only a path for failure',
    /on_completion: is missing/,
    [
      'one',
      ONE,
      withStep('one', { on_completion: undefined, on_failure: 'end--00000000-0000-4000-8000-000000000000' }),
    ],
  ],
  [
    'a step that is not there',
    /no such step: end--0/,
    ['one', ONE, withStep('one', { on_completion: 'end--00000000-0000-4000-8000-000000000000' })],
  ],
  [
    'a parallel of one',
    /at least two branches/,
    ['all', { all: { do: 'parallel', branches: ['a'] }, a: manual('end') }],
  ],
  [
    'another type of step',
    /cannot run steps of type playbook-action/,
    ['one', ONE, withStep('one', { type: 'playbook-action' })],
  ],
  [
    'another type of command',
    /cannot run commands of type ssh/,
    ['one', ONE, withStep('one', { commands: [{ type: 'ssh', command: 'reboot' }] })],
  ],
  [
    'a property that would be ignored',
    /a step of type action cannot have it/,
    ['one', ONE, withStep('one', { on_true: 'end--00000000-0000-4000-8000-000000000000' })],
  ],
  ['an unknown property', /Unrecognized key/, ['one', ONE, withStep('one', { on_sucess: 'x' })]],
  [
    'a variable that nobody declared',
    /the variable __host__ is not defined/,
    ['one', { one: manual('end', { commands: [{ type: 'manual', command: 'Look at __host__:value' }] }) }],
  ],
  [
    'a condition that is none',
    /cannot read the condition/,
    ['if', { if: { do: 'if', condition: '$(rm)', yes: 'end' } }],
  ],
  [
    'an understated risk',
    /understates what is at least reversible/,
    ['one', { one: http('POST /x', 'end', { risk_class: 'read' }) }],
  ],
  [
    'an unknown extension',
    /is an extension that is not known/,
    ['one', ONE, withStep('one', { step_extensions: { other: {} } })],
  ],
  [
    'a word that our extension does not know',
    /Unrecognized key/,
    ['one', ONE, withStep('one', extension({ risk: 'read' }))],
  ],
  [
    'a header that is ours',
    /headers.Authorization: this header cannot be set/,
    [
      'one',
      {
        one: {
          do: 'action',
          targets: ['api'],
          commands: [{ type: 'http-api', command: 'GET /', headers: { Authorization: ['x'] } }],
        },
      },
    ],
  ],
  ['a request line that is none', /must be a request line/, ['one', { one: http('isolate', 'end') }]],
  ['a target that is not there', /no such target/, ['one', ONE, withStep('one', { targets: ['nobody'] })]],
  [
    'manual and automated commands in one step',
    /steps of their own/,
    [
      'one',
      ONE,
      withStep('one', {
        commands: [
          { type: 'manual', command: 'x' },
          { type: 'x-grc-evidence', command: 'y' },
        ],
      }),
    ],
  ],
  [
    'an undoing that goes on',
    /must be one action/,
    ['one', { one: manual('end', { undo: 'two' }), two: manual('three'), three: manual('end') }],
  ],
  [
    'a variable outside quotes in SQL',
    /stands inside single quotes/,
    [
      'one',
      {
        one: manual('end', {
          commands: [{ type: 'x-grc-steampipe', command: 'select __incident_id__:value' }],
        }),
      },
    ],
  ],
  [
    'a message to strangers',
    /commands.0.command: cannot tell everybody; can tell assignee, commander, admins, executive/,
    [
      'one',
      {
        one: manual('end', {
          commands: [{ type: 'x-grc-notify', command: 'everybody', description: 'Come' }],
        }),
      },
    ],
  ],
  [
    'a message that says nothing',
    /commands.0.description: is what they are told/,
    ['one', { one: manual('end', { commands: [{ type: 'x-grc-notify', command: 'admins' }] }) }],
  ],
  [
    'credentials',
    /credentials are not kept/,
    ['one', ONE, (document) => ({ ...document, authentication_info_definitions: { a: {} } })],
  ],
  [
    'a revoked one',
    /a revoked playbook is not run/,
    ['one', ONE, (document) => ({ ...document, revoked: true })],
  ],
  ['another version', /spec_version/, ['one', ONE, (document) => ({ ...document, spec_version: '1.1' })]],
])('refuses %s', (_, expected, [first, steps, change]) => {
  expect(problemsOf(first, steps, change).join('\n')).toMatch(expected instanceof RegExp ? expected : '');
});
