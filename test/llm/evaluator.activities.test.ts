// R14 (retry classes at the adapter), R13: what a model server does and what Temporal is told.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { createLlmEvaluator } from '../../activities/llm/evaluator.js';
import { retryAfterMs } from '../../activities/llm/failures.js';
import type { JudgeInput } from '../../activities/judge/types.js';
import { startFakeLlm, type FakeLlm, type LlmBehaviour } from '../support/fakes/llm.js';
import { buildJudgeInput } from '../support/judge-input.js';

let fake: FakeLlm;
beforeAll(async () => {
  fake = await startFakeLlm();
});
afterAll(() => fake.close());
beforeEach(() => fake.reset());

const never = new AbortController().signal;

function evaluator(timeout_ms = 5_000) {
  return createLlmEvaluator({ api_key: 'sk-test', base_url: fake.base_url, model: 'stub-model', timeout_ms });
}

async function failureOf(input: JudgeInput, timeout_ms?: number): Promise<ApplicationFailure> {
  const error: unknown = await evaluator(timeout_ms)
    .judge(input, { signal: never, effect_key: 'k' })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (!(error instanceof ApplicationFailure)) throw new Error(`not a failure: ${String(error)}`);
  return error;
}

describe('a usable answer', () => {
  it('becomes a judgement with its cost, its prompt and a verified citation', async () => {
    const input = buildJudgeInput({ ref: 'CC6.1' });
    const judged = await evaluator().judge(input, { signal: never, effect_key: 'wf/evaluate/CC6.1' });
    expect(judged).toMatchObject({ evaluated_by: 'llm', model: 'stub-model', prompt_version: 'judge-1' });
    expect(judged.verdict.citations[0]).toMatchObject({ evidence_id: input.evidence[0]?.evidence_id });
    expect(judged.tokens_in).toBeGreaterThan(0);
    expect(judged.tokens_out).toBeGreaterThan(0);
    expect(judged.prompt_sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(fake.counts()).toMatchObject({
      total: 1,
      by_control: { 'CC6.1': 1 },
      by_key: { 'wf/evaluate/CC6.1': 1 },
    });
  });

  it('comes by a tool call where the server knows no schema mode, which is asked once only', async () => {
    fake.setMode({ mode: 'no_schema' });
    const judge = evaluator();
    await judge.judge(buildJudgeInput(), { signal: never, effect_key: 'a' });
    expect(fake.counts().total).toBe(2);
    await judge.judge(buildJudgeInput(), { signal: never, effect_key: 'b' });
    expect(fake.counts().total).toBe(3);
  });

  it('is not asked for where there is nothing to read', async () => {
    const judged = await evaluator().judge(buildJudgeInput({ evidence: [] }), {
      signal: never,
      effect_key: 'k',
    });
    expect(judged.verdict).toMatchObject({ status: 'fail', confidence: 1 });
    expect(judged.verdict.rationale).toContain('Nothing was provided');
    expect(fake.counts().total).toBe(0);
  });
});

describe('R14: what the server does, how often it is asked, and what Temporal is told', () => {
  const soon = new Date(Date.now() + 20_000).toUTCString();
  const table: [
    string,
    LlmBehaviour,
    { type: string; final: boolean; attempts: number; delay?: [number, number] },
  ][] = [
    ['400', { mode: 'status', status: 400 }, { type: 'LLM_REJECTED', final: true, attempts: 1 }],
    ['401', { mode: 'status', status: 401 }, { type: 'LLM_REJECTED', final: true, attempts: 1 }],
    ['403', { mode: 'status', status: 403 }, { type: 'LLM_REJECTED', final: true, attempts: 1 }],
    ['404', { mode: 'status', status: 404 }, { type: 'LLM_REJECTED', final: true, attempts: 1 }],
    [
      '429 with seconds',
      { mode: 'status', status: 429, retry_after: '7' },
      { type: 'LLM_RATE_LIMITED', final: false, attempts: 1, delay: [7_000, 7_000] },
    ],
    [
      '429 with a date',
      { mode: 'status', status: 429, retry_after: soon },
      { type: 'LLM_RATE_LIMITED', final: false, attempts: 1, delay: [1_000, 20_000] },
    ],
    ['429 without', { mode: 'status', status: 429 }, { type: 'LLM_RATE_LIMITED', final: false, attempts: 1 }],
    ['500', { mode: 'status', status: 500 }, { type: 'LLM_UNREACHABLE', final: false, attempts: 1 }],
    ['503', { mode: 'status', status: 503 }, { type: 'LLM_UNREACHABLE', final: false, attempts: 1 }],
    ['a hang', { mode: 'hang' }, { type: 'LLM_UNREACHABLE', final: false, attempts: 1 }],
    ['a cut-off body', { mode: 'cut' }, { type: 'LLM_UNREACHABLE', final: false, attempts: 1 }],
    ['wrong JSON', { mode: 'wrong_json' }, { type: 'LLM_BAD_ANSWER', final: true, attempts: 3 }],
    ['a refusal', { mode: 'refuse' }, { type: 'LLM_REFUSED', final: true, attempts: 2 }],
  ];
  it.each(table)('%s', async (_name, mode, wanted) => {
    fake.setMode(mode);
    const failure = await failureOf(buildJudgeInput(), 500);
    expect({ type: failure.type, final: failure.nonRetryable }).toEqual({
      type: wanted.type,
      final: wanted.final,
    });
    expect(fake.counts().total).toBe(wanted.attempts);
    const delay =
      failure.nextRetryDelay === undefined || failure.nextRetryDelay === null
        ? undefined
        : Number(failure.nextRetryDelay);
    if (wanted.delay === undefined) expect(delay).toBeUndefined();
    else {
      expect(delay).toBeGreaterThanOrEqual(wanted.delay[0]);
      expect(delay).toBeLessThanOrEqual(wanted.delay[1]);
    }
    const times = fake.calls.map((call) => call.at);
    times.slice(1).forEach((at, index) => expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(950));
  });

  it('a server that is not there is unreachable, not fatal', async () => {
    const gone = await startFakeLlm();
    await gone.close();
    const judge = createLlmEvaluator({
      api_key: 'k',
      base_url: gone.base_url,
      model: 'm',
      timeout_ms: 1_000,
    });
    await expect(judge.judge(buildJudgeInput(), { signal: never, effect_key: 'k' })).rejects.toMatchObject({
      type: 'LLM_UNREACHABLE',
      nonRetryable: false,
    });
  });

  it('one wrong answer and one refusal are asked again under another key, and all of it is paid for', async () => {
    fake.script([{ mode: 'wrong_json' }, { mode: 'refuse' }]);
    const judged = await evaluator().judge(buildJudgeInput(), { signal: never, effect_key: 'k' });
    expect(Object.keys(fake.counts().by_key)).toEqual(['k', 'k/ask-2', 'k/ask-3']);
    expect(judged.tokens_in).toBeGreaterThan(3 * 100);
  });

  it('the cost of answers that were no use travels with the failure', async () => {
    fake.setMode({ mode: 'wrong_json' });
    const failure = await failureOf(buildJudgeInput());
    expect(failure.details?.[0]).toMatchObject({ tokens_in: expect.any(Number) });
    expect(failure.message).not.toContain('certainly');
  });
});

describe('R13: cancelling', () => {
  it('closes the connection to the server at once and throws the reason', async () => {
    fake.setMode({ mode: 'hang' });
    const controller = new AbortController();
    const reason = new Error('cancelled by the activity');
    const judging = evaluator(60_000).judge(buildJudgeInput(), {
      signal: controller.signal,
      effect_key: 'k',
    });
    const settled = expect(judging).rejects.toBe(reason);
    await expect.poll(() => fake.counts().open).toBe(1);
    controller.abort(reason);
    await settled;
    await expect.poll(() => fake.counts().aborted, { timeout: 2_000 }).toBe(1);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['3', 3_000],
    ['0.5', 500],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ])('%j is %j ms', (value, wanted) => {
    expect(retryAfterMs(value, now)).toBe(wanted);
  });
});
