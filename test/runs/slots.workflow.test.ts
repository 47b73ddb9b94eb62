// R17: five runs at once per organization, over three API processes, whatever comes and goes. A trigger notes at every
// change how many slots are held; the notes of the whole file are judged at its end.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withClient } from '../../local/postgres/databases.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { buildAssessment } from '../support/factories/assessments.js';
import type { Answer, Caller } from '../support/http.js';
import type { WorkerProcess } from '../support/worker-process.js';
import {
  ended,
  obey,
  patient,
  paused,
  poll,
  startStage,
  type Organization,
  type Run,
  type Stage,
} from './stage.js';

const SLOTS = 5;
let stage: Stage;
let apis: ApiProcess[];
let worker: WorkerProcess;

const NOTES = `
  create table slot_note (org_id uuid, held int);
  create function note_slots() returns trigger language plpgsql security definer as $$ begin
    insert into slot_note select new.org_id, count(*) from assessment_execution
      where org_id = new.org_id and slot is not null;
    return null;
  end $$;
  create trigger note_slots after insert or update of slot on assessment_execution
    for each row execute function note_slots();`;

beforeAll(async () => {
  stage = await startStage();
  const { access, database } = stage.api;
  await withClient(database.owner_url, (client) => client.query(NOTES));
  const env = { ...stage.env, ASSESSMENT_CONCURRENCY: '2' };
  apis = await Promise.all([1, 2, 3].map(() => startApiProcess(access, env)));
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.kill()));
  await stage.stop();
});
beforeEach(() => stage.llm.reset());

async function peak(org: Organization): Promise<number> {
  return await withClient(stage.api.database.owner_url, async (client) => {
    const { rows } = await client.query<{ peak: number }>(
      'select max(held)::int as peak from slot_note where org_id = $1',
      [org.id],
    );
    return rows[0]?.peak ?? 0;
  });
}

/** The organization's admin at one of the processes. */
function adminOf(org: Organization, index: number): Caller {
  const api = apis[index % apis.length];
  if (!api) throw new Error('three processes were started');
  return patient(api.as(org.email));
}

async function execute(org: Organization, assessment_id: string, index: number): Promise<Answer> {
  return await adminOf(org, index).post(`/orgs/${org.id}/assessments/${assessment_id}/execute`);
}

function expectNoSlot(answer: Answer): void {
  expect(answer).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
  expect(answer.headers.get('retry-after')).toBe('60');
  expect(answer.headers.get('x-ratelimit-limit')).toBe(String(SLOTS));
  expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
}

test('of 200 calls at once over three processes five get a slot, and other organizations do not notice', async () => {
  const [crowd, calm] = await Promise.all([stage.addOrg('Crowd'), stage.addOrg('Calm')]);
  const build = (org: Organization) =>
    buildAssessment(stage.api.database.db, org.tenant, { control_refs: org.refs.slice(0, 1) });
  const ids: string[] = [];
  for (let count = 0; count < 200; count += 1) ids.push((await build(crowd)).id);
  const others = await Promise.all([1, 2, 3].map(() => build(calm)));
  const [answers, undisturbed] = await Promise.all([
    Promise.all(ids.map((id, index) => execute(crowd, id, index))),
    Promise.all(others.map(({ id }, index) => execute(calm, id, index))),
  ]);
  const tally: Record<number, number> = {};
  for (const { status } of answers) tally[status] = (tally[status] ?? 0) + 1;
  expect(tally).toEqual({ 200: SLOTS, 429: 200 - SLOTS });
  for (const answer of answers.filter(({ status }) => status !== 200)) expectNoSlot(answer);
  expect(await stage.slots(crowd.id)).toBe(SLOTS);
  expect(await peak(crowd)).toBe(SLOTS);
  expect(undisturbed.map(({ status }) => status)).toEqual([200, 200, 200]);

  // nobody worked until now: the first worker finds all eight
  worker = await stage.startWorker();
  await poll(
    'all have ended',
    async () => (await stage.slots(crowd.id)) + (await stage.slots(calm.id)) === 0,
  );
  expect(stage.llm.counts().total).toBe(8);
});

test('a pause gives the slot back, a resume takes one again or is refused, a killed worker keeps them', async () => {
  const { org, llm } = stage;
  llm.setMode({ mode: 'held' });
  const runs: Run[] = [];
  for (let count = 0; count < SLOTS + 1; count += 1) {
    runs.push(await org.assess(org.refs.slice(count, count + 1), adminOf(org, count)));
  }
  const sixth = runs.pop();
  const [first, second] = runs;
  if (!first || !second || !sixth) throw new Error('six were made');
  for (const run of runs) expect((await run.execute()).status).toBe(200);
  await poll('all five are being judged', () => llm.counts().open === SLOTS);
  expectNoSlot(await sixth.execute());
  expect((await sixth.status()).status).toBe('pending');

  await obey(first, 'pause');
  expect(await stage.slots(org.id)).toBe(SLOTS - 1);
  expect((await sixth.execute()).status).toBe(200);
  expectNoSlot(await first.command('resume'));
  expect(await first.status()).toMatchObject({ status: 'paused' });
  await obey(second, 'cancel');
  await obey(first, 'resume');
  expect(await stage.slots(org.id)).toBe(SLOTS);
  expectNoSlot(await second.execute());

  await worker.kill();
  llm.reset();
  expectNoSlot(await second.execute());
  worker = await stage.startWorker();
  for (const run of [first, sixth, ...runs.slice(2)]) {
    expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100 });
  }
  expect(await stage.slots(org.id)).toBe(0);
  expect((await second.execute()).status).toBe(200);
  expect((await second.until(ended)).status).toBe('completed');
});

test('two dozen runs that complete, fail, are cancelled, paused and resumed share the five, and leave them free', async () => {
  const { org, llm } = stage;
  const [good = '', bad = ''] = org.refs;
  llm.setMode({ mode: 'slow', ms: 100 });
  llm.script([{ mode: 'status', status: 400, control: bad, times: 1_000 }]);
  const live = async (index: number): Promise<string> => {
    const kind = ['completed', 'failed', 'cancelled', 'resumed'][index % 4];
    const run = await org.assess([kind === 'failed' ? bad : good], adminOf(org, index));
    await untilAdmitted(() => run.execute());
    // either may come too late, which is a conflict
    if (kind === 'cancelled') expect([200, 409]).toContain((await run.command('cancel')).status);
    if (kind === 'resumed') expect([200, 409]).toContain((await run.command('pause')).status);
    const status = await run.until((now) => ended(now) || paused(now));
    if (paused(status)) await untilAdmitted(() => run.command('resume'));
    return (await run.until(ended)).status;
  };
  const ends = await Promise.all(Array.from({ length: 24 }, (_, index) => live(index)));
  ends.forEach((status, index) => {
    const wanted = [['completed'], ['failed'], ['cancelled', 'completed'], ['completed']][index % 4];
    expect(wanted).toContain(status);
  });
  expect(ends).toContain('cancelled');
  expect(await stage.slots(org.id)).toBe(0);
});

async function untilAdmitted(call: () => Promise<Answer>): Promise<void> {
  const end = Date.now() + 90_000;
  for (;;) {
    const answer = await call();
    if (answer.status === 200) return;
    expectNoSlot(answer);
    if (Date.now() > end) throw new Error('no slot came free');
    await sleep(100);
  }
}

test('at no time did anybody hold more than five', async () => {
  expect(await peak(stage.org)).toBe(SLOTS);
});
