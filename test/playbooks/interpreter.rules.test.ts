// The walk through a plan, construct by construct.
import { expect, test } from 'vitest';
import { compensations } from '../../domain/playbooks/interpreter.js';
import { buildPlaybook, manual, type Steps } from '../support/factories/playbook.js';
import { play } from './play.js';

const only =
  (...names: string[]) =>
  (name: string) =>
    !names.includes(name);

test('a sequence goes from start to end, with its delays', () => {
  const { acts, delays, state } = play(
    buildPlaybook('a', { a: manual('b', { delay: 50 }), b: manual('c'), c: manual('end') }),
  );
  expect(acts).toEqual(['a', 'b', 'c']);
  expect(delays).toEqual([50]);
  expect(state.outcome).toBe('completed');
});

test('a failure takes its own path, and the run completes', () => {
  const steps: Steps = { a: manual('b', { failure: 'c' }), b: manual('end'), c: manual('end') };
  expect(play(buildPlaybook('a', steps), only('a'))).toMatchObject({
    acts: ['a', 'c'],
    state: { outcome: 'completed', failure: null },
  });
});

test('a failure without a path fails the run, once its exception workflow has run', () => {
  const steps: Steps = { a: manual('b'), b: manual('end'), tidy: manual('tell'), tell: manual('end') };
  const played = play(buildPlaybook('a', steps, { exception: 'tidy' }), only('a'));
  expect(played.acts).toEqual(['a', 'tidy', 'tell']);
  expect(played.state).toMatchObject({ outcome: 'failed', failure: { reason: 'it failed' } });
  const again = play(buildPlaybook('a', steps, { exception: 'tidy' }), only('a', 'tidy'));
  expect(again.acts).toEqual(['a', 'tidy']);
  expect(again.state.outcome).toBe('failed');
});

test('continue_on_error goes on as if nothing had happened', () => {
  const steps: Steps = { a: manual('b', { continue_on_error: true }), b: manual('end') };
  expect(play(buildPlaybook('a', steps), only('a'))).toMatchObject({
    acts: ['a', 'b'],
    state: { outcome: 'completed' },
  });
});

const FORK: Steps = {
  all: { do: 'parallel', branches: ['a', 'b'], next: 'after', failure: 'sorry' },
  a: manual('a2'),
  a2: manual('end'),
  b: manual('end'),
  after: manual('end'),
  sorry: manual('end'),
};

test('a parallel block begins all branches at once and waits for all, also when one has failed', () => {
  expect(play(buildPlaybook('all', FORK)).acts).toEqual(['a', 'b', 'a2', 'after']);
  const failed = play(buildPlaybook('all', FORK), only('b'), { pick: (of) => of - 1 });
  expect(failed.acts).toEqual(['a', 'b', 'a2', 'sorry']);
  expect(failed.state.outcome).toBe('completed');
});

test('if and switch take one branch and go on behind it', () => {
  const steps: Steps = {
    if: { do: 'if', condition: "__kind__:value = 'worm'", yes: 'worm', no: 'other', next: 'switch' },
    worm: manual('end'),
    other: manual('end'),
    switch: { do: 'switch', on: '__kind__', cases: { worm: 'cut', default: 'watch' }, next: 'last' },
    cut: manual('end'),
    watch: manual('end'),
    last: manual('end'),
  };
  const playbook = buildPlaybook('if', steps, { variables: { __kind__: { value: null } } });
  const worm = play(playbook, () => true, { given: { __kind__: 'worm' } });
  expect(worm.acts).toEqual(['worm', 'cut', 'last']);
  expect(worm.notes).toEqual(['if: condition is true', 'switch: case worm']);
  expect(play(playbook, () => true, { given: { __kind__: 'constructor' } }).acts).toEqual([
    'other',
    'watch',
    'last',
  ]);
});

const LOOP: Steps = {
  loop: { do: 'while', condition: "__left__:value != '0'", body: 'clean', max: 5, next: 'done' },
  clean: manual('look'),
  look: manual('loop', { out: ['__left__'] }),
  done: manual('end'),
};
const LEFT = { variables: { __left__: { value: '2' } } };

test('a loop turns while its condition holds, and no more often than it may', () => {
  const two = play(buildPlaybook('loop', LOOP, LEFT), (name, turn) =>
    name === 'look' ? { __left__: String(2 - turn) } : true,
  );
  expect(two.acts).toEqual(['clean', 'look', 'clean#2', 'look#2', 'done']);
  const endless = play(buildPlaybook('loop', LOOP, LEFT));
  expect(endless.acts.filter((name) => name.startsWith('clean'))).toHaveLength(5);
  expect(endless.state).toMatchObject({
    outcome: 'failed',
    failure: { reason: 'the condition still holds after 5 turns' },
  });
  expect(play(buildPlaybook('loop', LOOP, LEFT), () => true, { dry_run: true }).acts).toEqual([
    'clean',
    'look',
    'done',
  ]);
});

test('variables of a step are its own, and only what it may write is written', () => {
  const steps: Steps = {
    a: manual('if', { out: ['__x__'], variables: { __mine__: { value: 'a' } } }),
    if: { do: 'if', condition: "__x__:value = 'new' AND __y__:value = 'old'", yes: 'b' },
    b: manual('end'),
  };
  const variables = { __x__: { value: 'old' }, __y__: { value: 'old' } };
  const played = play(buildPlaybook('a', steps, { variables }), () => ({
    __x__: 'new',
    __y__: 'new',
    __mine__: 'b',
  }));
  expect(played.acts).toEqual(['a', 'b']);
  expect(played.state.variables).toEqual({ __x__: 'new', __y__: 'old' });
});

test('what succeeded is undone last first, in every turn', () => {
  const undo = (name: string) => manual('end', { undo: name });
  const steps: Steps = {
    a: manual('all', { undo: 'undo_a' }),
    all: { do: 'parallel', branches: ['b', 'c'], next: 'd' },
    b: undo('undo_b'),
    c: undo('undo_c'),
    d: undo('undo_d'),
    undo_a: manual('end'),
    undo_b: manual('end'),
    undo_c: manual('end'),
    undo_d: manual('end'),
  };
  const { state } = play(buildPlaybook('a', steps), only('d'), { pick: (of) => of - 1 });
  expect(compensations(state).map(({ step }) => step.name)).toEqual(['undo_b', 'undo_c', 'undo_a']);
});
