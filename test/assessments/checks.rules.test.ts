import { describe, expect, it } from 'vitest';
import { checkStatus } from '../../domain/assessments/rules.js';

describe('the verdict of a check', () => {
  it.each([
    [{}, 'skipped'],
    [{ skip: 3 }, 'skipped'],
    [{ info: 1 }, 'skipped'],
    [{ info: 1, skip: 2, ok: 0 }, 'skipped'],
    [{ ok: 1, info: 5, skip: 5 }, 'pass'],
    [{ ok: 9, error: 1 }, 'error'],
    [{ ok: 9, unheard: 1 }, 'error'],
    [{ ok: 9, unheard: 0, error: 0, alarm: 0 }, 'pass'],
    [{ ok: 9, error: 1, alarm: 1 }, 'fail'],
  ])('of %j is %s', (counts, status) => {
    expect(checkStatus(counts)).toBe(status);
  });
});
