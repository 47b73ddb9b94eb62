// A finding that needs a review: its reviewer is reminded at half of the time and when it is over, by the clock alone,
// and whoever may read the finding or the audit log sees it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOpenControls } from '../../db/assessments/controls.js';
import { endExecution } from '../../db/assessments/transitions.js';
import { stepRun } from '../../db/findings/record.js';
import { remindReviewers } from '../../db/findings/reviews.js';
import { withTenant } from '../../db/tenancy.js';
import { REMIND_BEFORE_MS } from '../../domain/findings/rules.js';
import { reviewWorkflowId } from '../../domain/temporal.js';
import { withClient } from '../../local/postgres/databases.js';
import { ended, poll, type Stage, startStage } from '../runs/stage.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { verdictRecord } from '../support/factories/findings.js';

const DAY = 86_400_000;
let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

interface Reviewed {
  assessment_id: string;
  execution_id: string;
  finding_id: string;
}

/** A run whose first control needs a review and whose others do not. */
async function judge(assessment_id: string, options: { restart?: boolean } = {}): Promise<Reviewed> {
  const { db } = stage.api.database;
  const { tenant } = stage.org;
  const { execution_id } = await buildExecution(db, tenant, assessment_id, options);
  const run = { assessment_id, execution_id };
  return await withTenant(db, tenant, async (trx) => {
    const controls = await listOpenControls(trx, execution_id, 0, 10);
    for (const [index, { id }] of controls.entries()) {
      const verdicts = [{ ...verdictRecord(id), needs_review: index === 0 }];
      await stepRun(trx, tenant, run, { verdicts, failures: [], releases: [], takes: [] });
    }
    const found: { id: string } = await trx('finding')
      .where({ execution_id, needs_review: true })
      .first('id');
    return { ...run, finding_id: found.id };
  });
}

const build = async (): Promise<Reviewed> =>
  await judge((await buildAssessment(stage.api.database.db, stage.org.tenant)).id);

const look = ({ execution_id }: Reviewed) =>
  withTenant(stage.api.database.db, stage.org.tenant, (trx) =>
    remindReviewers(trx, stage.org.tenant, { execution_id, remind_before_ms: REMIND_BEFORE_MS }),
  );

/** Lets so many days of its review pass. */
async function pass({ finding_id }: Reviewed, days: number): Promise<void> {
  await withClient(stage.api.database.owner_url, (client) =>
    client.query(
      `update finding set review_due_at = review_due_at - $2 * interval '1 day',
         review_reminded_at = review_reminded_at - $2 * interval '1 day' where id = $1`,
      [finding_id, days],
    ),
  );
}

async function told({ finding_id }: Reviewed): Promise<string[]> {
  const { body } = await stage.org.admin.get(`/orgs/${stage.org.id}/audit-log?resource=${finding_id}`);
  const entries: { action: string; actor_id: string | null }[] = body.items;
  return entries.filter(({ actor_id }) => actor_id === null).map(({ action }) => action);
}

const finding = async ({ finding_id }: Reviewed) =>
  (await stage.org.admin.get(`/orgs/${stage.org.id}/findings/${finding_id}`)).body;

const days = (moment: string | null): number => (Date.parse(moment ?? '') - Date.now()) / DAY;

test('is reminded of once at half of the time and once when it is over', async () => {
  const reviewed = await build();
  const early = await look(reviewed);
  expect(early.reminded).toBe(0);
  expect(days(early.next_at)).toBeCloseTo(2.5, 1);
  expect(await finding(reviewed)).toMatchObject({ needs_review: true, review_reminded_at: null });

  await pass(reviewed, 2.6);
  expect(await look(reviewed)).toMatchObject({ reminded: 1 });
  expect(await look(reviewed)).toMatchObject({ reminded: 0 });
  expect(await told(reviewed)).toEqual(['finding.review_reminder']);
  expect(days((await finding(reviewed)).review_reminded_at)).toBeCloseTo(0, 1);

  await pass(reviewed, 2.5);
  expect(await look(reviewed)).toMatchObject({ reminded: 1 });
  expect(await look(reviewed)).toMatchObject({ reminded: 0 });
  expect(await told(reviewed)).toEqual(['finding.review_overdue', 'finding.review_reminder']);
});

test('says only that it is over when nobody was there at half of the time', async () => {
  const reviewed = await build();
  await pass(reviewed, 6);
  expect(await look(reviewed)).toMatchObject({ reminded: 1 });
  expect(await look(reviewed)).toMatchObject({ reminded: 0 });
  expect(await told(reviewed)).toEqual(['finding.review_overdue']);
});

test('is asked about as long as the run may still write findings, and then until nothing waits', async () => {
  const { tenant } = stage.org;
  const reviewed = await build();
  const { assessment_id, execution_id } = reviewed;
  await pass(reviewed, 6);
  const open = await look(reviewed);
  expect(days(open.next_at)).toBeCloseTo(2.5, 1);
  await withTenant(stage.api.database.db, tenant, (trx) =>
    endExecution(trx, tenant, { assessment_id, execution_id }, { status: 'completed' }),
  );
  expect((await look(reviewed)).next_at).toBeNull();
});

test('is forgotten once a person has judged', async () => {
  const reviewed = await build();
  await stage.org.admin.patch(`/orgs/${stage.org.id}/findings/${reviewed.finding_id}`, { status: 'pass' });
  await pass(reviewed, 6);
  expect(await look(reviewed)).toMatchObject({ reminded: 0 });
  expect(await told(reviewed)).toEqual([]);
});

test('judged anew, it is the new run’s to remind of, from the beginning', async () => {
  const { tenant } = stage.org;
  const first = await build();
  await pass(first, 6);
  await look(first);
  await withTenant(stage.api.database.db, tenant, (trx) =>
    endExecution(trx, tenant, first, { status: 'completed' }),
  );
  const second = await judge(first.assessment_id, { restart: true });
  expect(second.finding_id).toBe(first.finding_id);
  expect(await finding(second)).toMatchObject({ needs_review: true, review_reminded_at: null });
  expect(await look(first)).toEqual({ reminded: 0, next_at: null });
  await pass(second, 2.6);
  expect(await look(second)).toMatchObject({ reminded: 1 });
});

test('the first finding to review starts the reminders of its run, once, and they outlast it', async () => {
  const { llm, org, temporal, api } = stage;
  llm.setMode({ mode: 'captured' });
  await stage.startWorker();
  const run = await org.assess(org.refs.slice(0, 3));
  const { body } = await run.execute();
  expect(await run.until(ended)).toMatchObject({ status: 'completed' });
  expect((await run.findings()).map(({ needs_review }) => needs_review)).toEqual([true, true, true]);
  const workflow_id = reviewWorkflowId(org.id, body.execution_id);
  const owed = await withTenant(api.database.db, org.tenant, (trx) =>
    trx('outbox').where({ workflow_id }).count({ n: '*' }).first(),
  );
  expect(Number(owed?.n)).toBe(1);
  await poll('reminders that wait', async () => {
    const described = await temporal.client.workflow
      .getHandle(workflow_id)
      .describe()
      .catch(() => undefined);
    const due = described?.searchAttributes['SlaDueAt']?.[0];
    return described?.status.name === 'RUNNING' && due instanceof Date && days(due.toISOString()) > 2.4;
  });
});
