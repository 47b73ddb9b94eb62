// R14: when a silent model is an outage, when one control is to blame, how long to wait, and who asks when.
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it, test } from 'vitest';
import { judgeSilence, tryAgainLater } from '../../activities/assessments/silence.js';
import { createTurns } from '../../activities/llm/turns.js';
import { llmOptions } from '../../workflows/activity-options.js';

const silence = {
  since: 1_000,
  answered_at: 0,
  asked_a_well_one: false,
  now: 1_000,
  unreachable_ms: 300_000,
};

test.each([
  ['just begun', {}, 'wait'],
  ['lasting', { now: 300_999 }, 'wait'],
  ['over the limit', { now: 301_000 }, 'outage'],
  ['over the limit, but others got answers', { now: 301_000, answered_at: 5_000 }, 'wait'],
  ['others got answers until the limit', { now: 305_000, answered_at: 5_000 }, 'outage'],
  ['others were getting theirs', { now: 301_000, answered_at: 300_500, asked_a_well_one: true }, 'alone'],
  ['others get theirs, not long yet', { now: 9_000, answered_at: 8_500, asked_a_well_one: true }, 'wait'],
])('%s', (_name, change, wanted) => {
  expect(judgeSilence({ ...silence, ...change })).toBe(wanted);
});

describe('the next try', () => {
  const failure = (retry_after_ms?: number) =>
    ApplicationFailure.create({
      message: 'told to wait',
      type: 'LLM_RATE_LIMITED',
      ...(retry_after_ms === undefined ? {} : { nextRetryDelay: retry_after_ms }),
    });
  it.each([
    ['backs off', undefined, 3, silence, 4_000],
    ['backs off no longer than half a minute', undefined, 12, silence, 30_000],
    ['waits as long as the server asked', 20_000, 1, silence, 20_000],
    ['is not sooner than the back-off', 0, 2, silence, 2_000],
    ['is in time to call it an outage', 3_600_000, 1, { ...silence, now: 101_000 }, 200_000],
    ['leaves a second even then', undefined, 9, { ...silence, now: 300_900 }, 1_000],
  ])('%s', (_name, asked, attempt, when, wanted) => {
    const later = tryAgainLater(failure(asked), attempt, when);
    expect(later).toMatchObject({ message: 'told to wait', type: 'LLM_RATE_LIMITED', nonRetryable: false });
    expect(later.nextRetryDelay).toBe(wanted);
  });

  it('has attempts enough for twice the outage, and not for ever', () => {
    expect(llmOptions(3, 1).retry?.maximumAttempts).toBe(4);
    expect(llmOptions(300, 1).retry?.maximumAttempts).toBe(25);
  });
});

describe('turns at a server that fails', () => {
  const never = new AbortController().signal;

  it('come at once while all is well, one after the other while it fails, and all together when it answers', async () => {
    const turns = createTurns(60_000);
    await turns.take(never);
    turns.failed();
    let gone = 0;
    const waiting = [1, 2, 3].map(() => turns.take(never).then(() => (gone += 1)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(gone).toBe(0);
    turns.answered();
    await Promise.all(waiting);
    await turns.take(never);
  });

  it('are a gap apart', async () => {
    const turns = createTurns(50);
    turns.failed();
    const began = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => turns.take(never)));
    expect(performance.now() - began).toBeGreaterThanOrEqual(195);
  });

  it('are given up when the run is cancelled', async () => {
    const turns = createTurns(60_000);
    turns.failed();
    const controller = new AbortController();
    const waiting = turns.take(controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });
});
