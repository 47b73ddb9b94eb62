// R1, R2: runs of playbooks on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as messages from '../../workflows/playbooks/messages.js';
import { buildPlaybook, http, manual, type Steps } from '../support/factories/playbook.js';
import { fine, wrong } from '../support/fakes/playbook-activities.js';
import { until } from '../support/until.js';
import { type Player, startPlayer } from './run-player.js';

const API = { targets: { api: 'https://edr.example' } };

let player: Player;
beforeAll(async () => {
  player = await startPlayer();
}, 90_000);
afterAll(() => player.close());

const play: Player['play'] = (...story) => player.play(...story);

const by = (actor_id: string = randomUUID()) => ({ command_id: randomUUID(), actor_id });
const CONFLICT = { cause: { type: 'CONFLICT' } };
const FORBIDDEN = { cause: { type: 'FORBIDDEN' } };

test('sequence, parallel, if, while and switch are walked, and a failure takes its path', async () => {
  const steps: Steps = {
    fork: { do: 'parallel', branches: ['a', 'b'], next: 'loop' },
    a: http('POST /a', 'end', { delay: 20 }),
    b: http('POST /b', 'end', { failure: 'c' }),
    c: http('POST /c', 'end'),
    loop: { do: 'while', condition: "__left__:value != '0'", body: 'sweep', next: 'if' },
    sweep: http('POST /sweep', 'end', { out: ['__left__'], results: { __left__: 'left' } }),
    if: { do: 'if', condition: "__incident_severity__:value = 'high'", yes: 'd', next: 'switch' },
    d: http('POST /d', 'end'),
    switch: { do: 'switch', on: '__left__', cases: { '0': 'e', default: 'f' } },
    e: http('POST /e', 'end'),
    f: http('POST /f', 'end'),
  };
  const playbook = buildPlaybook('fork', steps, { ...API, variables: { __left__: { value: '2' } } });
  let left = 2;
  const { run, result } = await play('constructs', playbook, {
    answer(call) {
      if (call.endsWith('/b')) return wrong();
      return call.endsWith('/sweep') ? fine({ __left__: String((left -= 1)) }) : fine();
    },
  });
  expect(result.status).toBe('completed');
  const paths = run.calls.map((call) => call.split('/').at(-1));
  expect(paths.slice(0, 3).toSorted((x = '', y = '') => x.localeCompare(y))).toEqual(['a', 'b', 'c']);
  expect(paths.slice(3)).toEqual(['sweep', 'sweep', 'd', 'e']);
});

test('a failure undoes what succeeded, last first, when the playbook says so', async () => {
  const steps: Steps = {
    a: http('POST /a', 'b', { undo: 'undo_a' }),
    b: http('POST /b', 'c', { undo: 'undo_b' }),
    c: http('POST /c', 'end'),
    undo_a: http('POST /undo-a', 'end'),
    undo_b: http('POST /undo-b', 'end'),
  };
  const playbook = buildPlaybook('a', steps, { ...API, rollback_on_failure: true });
  const { run, result } = await play('rollback', playbook, {
    answer: (call) => (call.endsWith('/c') ? wrong() : fine()),
  });
  expect(run.calls.slice(-2)).toEqual(['POST https://edr.example/undo-b', 'POST https://edr.example/undo-a']);
  expect(run.statuses).toEqual(['rolling_back', 'rolled_back']);
  expect(result.status).toBe('rolled_back');
});

test('what the policy denies is not done; what it denies late is not done either', async () => {
  const steps: Steps = {
    a: http('POST /a', 'b', { failure: 'b' }),
    b: http('POST /b', 'end', { approval: {} }),
  };
  const playbook = buildPlaybook('a', steps, API);
  const { run, result } = await play(
    'denied',
    playbook,
    // the second step is allowed when it is asked about, and no more once it is approved
    {
      policy: (name, asked) => ({
        decision: name === 'a' || asked > 1 ? 'deny' : 'allow',
        reasons: ['because'],
      }),
    },
    async (handle, { hashes, told }) => {
      await until(() => told.includes('b waiting_approval'));
      const message = { ...by(), step_id: playbook.id('b'), iteration: 1, args_hash: hashes.get('b') ?? '' };
      await handle.executeUpdate(messages.approveUpdate, { args: [message] });
    },
  );
  expect(run.calls).toEqual([]);
  expect(run.told.filter((each) => each.endsWith('denied'))).toEqual(['a denied', 'b denied']);
  expect(result.status).toBe('failed');
});

test('an approval is for the arguments that were seen: changed ones make it void', async () => {
  const steps: Steps = {
    fork: { do: 'parallel', branches: ['cut', 'look'] },
    cut: http('POST /isolate/__host__:value', 'end', { risk_class: 'disruptive', approval: { min: 2 } }),
    look: manual('end', { out: ['__host__'] }),
  };
  const playbook = buildPlaybook('fork', steps, { ...API, variables: { __host__: { value: 'web-01' } } });
  const { run, result } = await play('approval', playbook, {}, async (handle, { hashes, told }) => {
    const count = (word: string) => told.filter((each) => each === word).length;
    const approve = (args_hash: string, actor_id?: string) =>
      handle.executeUpdate(messages.approveUpdate, {
        args: [{ ...by(actor_id), step_id: playbook.id('cut'), iteration: 1, args_hash }],
      });
    await until(() => count('cut waiting_approval') === 1 && count('look waiting_person') === 1);
    const first = hashes.get('cut') ?? '';
    await expect(approve(first, 'starter')).rejects.toMatchObject(FORBIDDEN);
    await approve(first, 'ann');
    await expect(approve(first, 'ann')).rejects.toMatchObject(CONFLICT);
    const step = { step_id: playbook.id('look'), iteration: 1 };
    const found = { ...by(), ...step, ok: true, outputs: { __host__: 'web-02' } };
    await handle.executeUpdate(messages.completeUpdate, { args: [found] });
    await until(() => count('cut waiting_approval') === 2);
    expect(count('cut approval_voided')).toBe(1);
    await expect(approve(first, 'bob')).rejects.toMatchObject(CONFLICT);
    const second = hashes.get('cut') ?? '';
    expect(second).not.toBe(first);
    await approve(second, 'bob');
    await approve(second, 'ann');
  });
  expect(run.calls).toEqual(['POST https://edr.example/isolate/web-02']);
  expect(result.status).toBe('completed');
});

test('nobody approves in time: denied, after one longer wait where that is asked for', async () => {
  const approval = { timeout: 50, on_timeout: 'escalate' as const };
  const playbook = buildPlaybook('a', { a: http('POST /a', 'end', { approval }) }, API);
  const { run, result } = await play('approval-late', playbook);
  expect(run.told).toEqual(['a waiting_approval', 'a approval_escalated', 'a denied']);
  expect(run.calls).toEqual([]);
  expect(result.status).toBe('failed');
});

test('a call whose end is unknown is not made again: a person says whether it happened', async () => {
  const playbook = buildPlaybook('a', { a: http('POST /a', 'b'), b: http('GET /b', 'end') }, API);
  let gets = 0;
  const { run, result } = await play(
    'unknown-outcome',
    playbook,
    {
      answer(call) {
        if (call.startsWith('POST')) throw ApplicationFailure.nonRetryable('no answer', 'OUTCOME_UNKNOWN');
        gets += 1;
        // reading bears a repetition
        if (gets < 2) throw ApplicationFailure.retryable('no answer', 'EGRESS');
        return fine();
      },
    },
    async (handle, { told }) => {
      await until(() => told.includes('a needs_human'));
      await handle.signal(messages.taskSettledSignal, {
        step_id: playbook.id('a'),
        iteration: 1,
        status: 'done',
      });
    },
  );
  expect(run.calls).toEqual([
    'POST https://edr.example/a',
    'GET https://edr.example/b',
    'GET https://edr.example/b',
  ]);
  expect(result.status).toBe('completed');
});

test('a step that takes too long fails; a person too', async () => {
  const steps: Steps = {
    a: http('GET /slow', 'b', { timeout: 100, failure: 'b' }),
    b: manual('end', { timeout: 100, failure: 'c' }),
    c: http('GET /c', 'end'),
  };
  const { run, result } = await play('timeouts', buildPlaybook('a', steps, API), {
    answer: (call) =>
      call.endsWith('slow') ? new Promise((done) => setTimeout(() => done(fine()), 3_000)) : fine(),
  });
  expect(run.told.filter((each) => each.endsWith('timed_out'))).toEqual(['a timed_out', 'b timed_out']);
  expect(run.tasks).toMatchObject([{ name: 'b', closed: 'waived' }]);
  expect(result.status).toBe('completed');
});

test('a dry run decides everything and touches nothing; without automation people do all of it', async () => {
  const steps: Steps = {
    a: http('POST /a', 'wait', { approval: {}, delay: 60_000 }),
    wait: manual('end'),
  };
  const playbook = buildPlaybook('a', steps, API);
  const dry = await play('dry-run', playbook, { opened: { dry_run: true } });
  expect(dry.run.calls).toEqual([]);
  expect(dry.run.tasks).toEqual([]);
  expect(dry.run.told).toEqual(['a planned', 'wait planned']);
  expect(dry.result.status).toBe('completed');
  const byHand = buildPlaybook('a', { a: http('POST /a', 'end') }, API);
  const hands = await play(
    'by-hand',
    byHand,
    { opened: { execute_automated: false } },
    async (handle, { told }) => {
      await until(() => told.includes('a waiting_person'));
      const failed = { ...by(), step_id: byHand.id('a'), iteration: 1, ok: false, outputs: {} };
      await handle.executeUpdate(messages.completeUpdate, { args: [failed] });
    },
  );
  expect(hands.run.calls).toEqual([]);
  expect(hands.result.status).toBe('failed');
});

test('paused, nothing new begins; aborted, what waits is called off', async () => {
  const steps: Steps = { one: manual('two'), two: http('POST /two', 'three'), three: manual('end') };
  const playbook = buildPlaybook('one', steps, API);
  const { run, result } = await play('pause-abort', playbook, {}, async (handle, { told, calls, tasks }) => {
    await until(() => told.includes('one waiting_person'));
    await handle.executeUpdate(messages.pauseRunUpdate, { args: [by()] });
    await expect(handle.executeUpdate(messages.pauseRunUpdate, { args: [by()] })).rejects.toMatchObject(
      CONFLICT,
    );
    const done = { ...by(), step_id: playbook.id('one'), iteration: 1, ok: true, outputs: {} };
    await handle.executeUpdate(messages.completeUpdate, { args: [done] });
    await until(() => told.includes('one succeeded'));
    expect(await handle.query(messages.runQuery)).toMatchObject({ status: 'paused' });
    expect(calls).toEqual([]);
    await handle.executeUpdate(messages.resumeRunUpdate, { args: [by()] });
    await until(() => tasks.length === 2);
    await handle.executeUpdate(messages.abortUpdate, { args: [by()] });
  });
  expect(run.calls).toEqual(['POST https://edr.example/two']);
  expect(run.told).toContain('three cancelled');
  expect(run.tasks.at(-1)).toMatchObject({ closed: 'waived' });
  expect(result.status).toBe('cancelled');
});

test('a run that was lost goes on where its rows say, and repeats nothing', async () => {
  const steps: Steps = { a: http('POST /a', 'b'), b: http('POST /b', 'c'), c: http('POST /c', 'end') };
  const playbook = buildPlaybook('a', steps, API);
  const recorded = {
    [`${playbook.id('a')}/1`]: { status: 'succeeded' as const, outputs: {}, result: '' },
    [`${playbook.id('b')}/1`]: { status: 'running' as const, outputs: {}, result: '' },
  };
  const { run } = await play('lost', playbook, { opened: { recorded } }, async (handle, { told }) => {
    await until(() => told.includes('b needs_human'));
    await handle.signal(messages.taskSettledSignal, {
      step_id: playbook.id('b'),
      iteration: 1,
      status: 'done',
    });
  });
  expect(run.calls).toEqual(['POST https://edr.example/c']);
});

test('all recorded histories replay, and a change of the workflow is caught', async () => {
  expect(await player.histories.replayAll()).toBeGreaterThanOrEqual(10);
  const mutant = player.histories.replayMutant('rollback.json', (text) =>
    text.replaceAll('"decidePlaybookStep"', '"decideSomethingElse"'),
  );
  await expect(mutant).rejects.toThrow(DeterminismViolationError);
});
