import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { answerWithin } from '../../api/http/answer-within.js';

const LATE = { code: 'SERVICE_UNAVAILABLE', extras: { retry_after_s: 2 } };

test('answers what comes in time, be it a refusal', async () => {
  expect(await answerWithin(30_000, () => Promise.resolve('done'))).toBe('done');
  await expect(answerWithin(30_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('does not wait for what hangs', async () => {
  await expect(answerWithin(20, () => new Promise(() => undefined))).rejects.toMatchObject(LATE);
});

test('does not count a body that is slow to come, only the work before and after it', async () => {
  const read = async (): Promise<string> => {
    await sleep(600);
    return 'body';
  };
  expect(await answerWithin(500, (aside) => aside(read))).toBe('body');
  const hangs = answerWithin(20, async (aside) => {
    await aside(read);
    await new Promise(() => undefined);
  });
  await expect(hangs).rejects.toMatchObject(LATE);
});

test('a failure that comes too late is nobody’s unhandled rejection', async () => {
  const fails = answerWithin(20, async () => {
    await sleep(60);
    throw new Error('too late to matter');
  });
  await expect(fails).rejects.toMatchObject(LATE);
  await sleep(100); // vitest fails the run on an unhandled rejection
});
