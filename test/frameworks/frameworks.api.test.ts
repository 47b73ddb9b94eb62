import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, startTestApi, type TestApi } from '../support/app.js';

let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  api = await startTestApi();
  caller = api.as('reader@frameworks.example');
});
afterAll(() => api.stop());

async function frameworkOf(key: string): Promise<{ id: string; control_count: number }> {
  const { body } = await caller.get('/frameworks');
  return body.items.find((item: { key: string }) => item.key === key);
}

test('four frameworks ship, each with as many controls as it says', async () => {
  const { body } = await caller.get('/frameworks');
  const counts = body.items.map((item: { key: string; control_count: number }) => [
    item.key,
    item.control_count,
  ]);
  expect(Object.fromEntries(counts)).toEqual({
    SOC2_TYPE2: 64,
    ISO27001_2022: 93,
    NIST_CSF_2: 106,
    NIST_800_53_R5: 1_014,
  });
  for (const { id, control_count } of body.items) {
    const { groups } = (await caller.get(`/frameworks/${id}`)).body;
    const sum = groups.reduce(
      (all: number, group: { control_count: number }) => all + group.control_count,
      0,
    );
    expect(sum).toBe(control_count);
  }
});

test('controls are listed by baseline, page by page, in catalogue order', async () => {
  const { id } = await frameworkOf('NIST_800_53_R5');
  const refs: string[] = [];
  let cursor = '';
  do {
    const { body } = await caller.get(`/frameworks/${id}/controls?baseline=LOW&limit=100${cursor}`);
    refs.push(...body.items.map(({ ref }: { ref: string }) => ref));
    for (const { baselines } of body.items) expect(baselines).toContain('LOW');
    cursor = body.next_cursor === null ? '' : `&cursor=${encodeURIComponent(body.next_cursor)}`;
  } while (cursor !== '');
  expect(refs).toHaveLength(149);
  expect(refs.slice(0, 3)).toEqual(['AC-1', 'AC-2', 'AC-3']);
  expect(await caller.get(`/frameworks/${id}/controls?baseline=low`)).toMatchObject({
    status: 422,
    body: { detail: 'baseline: must be one of LOW, MODERATE, HIGH, PRIVACY' },
  });
  const access = await caller.get(`/frameworks/${id}/controls?baseline=LOW&group=AC&limit=200`);
  expect(access.body.items).toHaveLength(11);
});
