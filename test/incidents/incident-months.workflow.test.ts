// R4, R16: duties that hang on each other over months, and what happens to an incident in a year: its history stays
// far from the server's limits, and its clocks do not notice that it was continued as new.
import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentEvent, Obligation } from '../../domain/incidents/obligations.js';
import { type Phase, REOPEN_WINDOW_DAYS } from '../../domain/incidents/rules.js';
import { loadWorkflowBundle } from '../../workers/bundle.js';
import type { incidentWorkflow } from '../../workflows/incidents/incident-workflow.js';
import * as messages from '../../workflows/incidents/messages.js';
import { fakeIncident, type FakeIncident, policyOf } from '../support/fakes/incident-activities.js';
import { historySizes } from '../support/history-size.js';
import { by, type IncidentTime, type Played, startIncidentTime } from '../support/incident-time.js';
import { connectTemporal, taskQueueFor } from '../support/temporal.js';
import { until } from '../support/until.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_EVENTS = 4_000;
const MOST_BYTES = 5 * 1024 * 1024;
const MOST_OF_ONE = 16 * 1024;
const CALM = policyOf({ acknowledge: DAY, contain: 10 * DAY, resolve: 300 * DAY });

let time: IncidentTime;
beforeAll(async () => {
  time = await startIncidentTime();
});
afterAll(() => time.close());

function duty(incident: FakeIncident, code: string): Obligation {
  const known = incident.changes.flatMap(({ change }) => change.obligations ?? []);
  return known.findLast((one) => one.code === code) ?? expect.fail(`${code} has not begun`);
}

/** What its clock has said, e.g. `sla_threshold 50`. */
function toldOf(incident: FakeIncident, code: string): string[] {
  const clock = `regulatory:${duty(incident, code).id}`;
  return incident.told().flatMap((told) => (told.includes(clock) ? [told.replace(` ${clock}`, '')] : []));
}

async function establish({ handle, now }: Played, event: IncidentEvent): Promise<number> {
  const occurred_at = await now();
  const args: [messages.RecordEventMessage] = [{ ...by(), event, occurred_at, notice_hours: null }];
  await handle.executeUpdate(messages.recordEventUpdate, { args });
  return occurred_at;
}

async function submit({ handle, incident, now }: Played, code: string): Promise<number> {
  const submitted_at = await now();
  const { id: obligation_id } = duty(incident, code);
  const filed = { obligation_id, submitted_at, receipt_sha256: 'ab'.repeat(32) };
  await handle.executeUpdate(messages.submitObligationUpdate, { args: [{ ...by(), ...filed }] });
  return submitted_at;
}

/** Through all phases, and closed. */
async function finish({ handle, move }: Played): Promise<void> {
  await move('detection', 'analysis');
  await move('analysis', 'recovery');
  await move('recovery', 'post_incident');
  await handle.executeUpdate(messages.closeUpdate, { args: [{ ...by(), resolution: 'resolved' }] });
}

test(
  'NIS2 from the early warning to the final report, each stage from what it hangs on',
  { timeout: 90_000 },
  async () => {
    await time.play(CALM, 'high', async (played) => {
      const { incident, handle, wait } = played;
      await wait(5 * HOUR);
      const significant = await establish(played, 'significance_determined');
      expect(duty(incident, 'nis2_early_warning').due_at).toBe(significant + 24 * HOUR);
      expect(duty(incident, 'nis2_notification').due_at).toBe(significant + 72 * HOUR);
      await wait(20 * HOUR);
      await submit(played, 'nis2_early_warning');
      expect(toldOf(incident, 'nis2_early_warning')).toEqual(['sla_threshold 50', 'sla_threshold 75']);
      // the notification is late: its breach is told at its moment, and it is filed all the same
      await wait(60 * HOUR);
      expect(toldOf(incident, 'nis2_notification')).toEqual([
        'sla_threshold 50',
        'sla_threshold 75',
        'sla_breached 100',
      ]);
      const notified = await submit(played, 'nis2_notification');
      const final = duty(incident, 'nis2_final');
      const month = new Date(notified);
      month.setUTCMonth(month.getUTCMonth() + 1);
      expect(final).toMatchObject({ anchor_event: 'submission_of:nis2_notification', anchored_at: notified });
      // of the same day next month, where that month has it
      if (month.getUTCDate() === new Date(notified).getUTCDate()) expect(final.due_at).toBe(month.getTime());
      await finish(played);
      // closed, and over for reopening: yet a duty is open, so it is still watched
      await wait((REOPEN_WINDOW_DAYS + 10) * DAY);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      expect(toldOf(incident, 'nis2_final')).toEqual(['sla_threshold 50', 'sla_threshold 75']);
      await submit(played, 'nis2_final');
      expect(await handle.result()).toEqual({ status: 'closed' });
      expect(incident.changes.flatMap(({ change }) => change.clocks).findLast(({ kind }) => kind === `regulatory:${final.id}`)).toMatchObject({ state: 'met', breached_at: null }); // prettier-ignore
    });
  },
);

test(
  'what nobody decides counts down all the same, and breaches after the incident is closed',
  { timeout: 60_000 },
  async () => {
    await time.play(CALM, 'high', async (played) => {
      const { incident, handle, wait } = played;
      await establish(played, 'awareness_confirmed');
      await finish(played);
      await wait(80 * HOUR);
      expect(toldOf(incident, 'gdpr_33')).toContain('sla_breached 100');
      for (const code of ['gdpr_33', 'uk_gdpr_33']) {
        const decided = { obligation_id: duty(incident, code).id, decision: 'not_required' as const };
        await handle.executeUpdate(messages.decideObligationUpdate, { args: [{ ...by(), ...decided }] });
      }
      await wait((REOPEN_WINDOW_DAYS + 1) * DAY);
      expect(await handle.result()).toEqual({ status: 'closed' });
      expect(toldOf(incident, 'gdpr_33').filter((told) => told.startsWith('sla_breached'))).toHaveLength(1);
    });
  },
);

/** Notes and tasks of a day. */
const A_DAY = 6;
const DAYS = 365;

// On the real server: the other one cannot end a run while something arrives.
test(
  'what happens in a year, six facts a day, a task a week and two moves a month',
  { timeout: 180_000 },
  async () => {
    const temporal = await connectTemporal();
    const incident = fakeIncident(
      policyOf({ acknowledge: HOUR, contain: 100 * DAY, resolve: 300 * DAY }),
      'critical',
    );
    const taskQueue = taskQueueFor('incident year');
    const { workflowBundle } = await loadWorkflowBundle();
    const options = {
      connection: temporal.native,
      taskQueue,
      workflowBundle,
      activities: incident.activities,
    };
    const worker = await Worker.create(options);
    await worker.runUntil(async () => {
      const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
      const incident_id = randomUUID();
      const workflowId = `incident:${tenant.org_id}:${incident_id}`;
      const started = await temporal.client.workflow.start<typeof incidentWorkflow>('incidentWorkflow', {
        taskQueue,
        workflowId,
        args: [{ tenant, incident_id }],
      });
      // whichever run it is by then
      const handle = temporal.client.workflow.getHandle<typeof incidentWorkflow>(workflowId);
      const move = (from: Phase, to: Phase) =>
        handle.executeUpdate(messages.transitionUpdate, { args: [{ ...by(), from, to }] });
      await move('detection', 'analysis');
      await move('analysis', 'containment');
      for (let day = 0; day < DAYS; day += 1) {
        const at = Date.now();
        // due at once, so that its clock ends with it
        const task = { task_id: randomUUID(), due_at: at - 1, ended: null };
        for (let fact = 0; fact < A_DAY; fact += 1)
          await handle.signal(messages.activitySignal, { at, ...(day % 7 === 0 && fact === 0 && { task }) });
        if (day % 7 === 0) {
          const ended = { task_id: task.task_id, due_at: null, ended: 'met' as const };
          await handle.signal(messages.activitySignal, { at, task: ended });
        }
        if (day % 30 !== 15) continue;
        await move('containment', 'eradication');
        await move('eradication', 'containment');
      }
      const clocks = () => incident.changes.flatMap(({ change }) => change.clocks);
      const over = () =>
        clocks().filter(({ kind, ended_at }) => kind.startsWith('task:') && ended_at !== null);
      await until(() => new Set(over().map(({ kind }) => kind)).size >= Math.ceil(DAYS / 7));
      // each ended once
      expect(over()).toHaveLength(Math.ceil(DAYS / 7));
      const contain = incident.changes
        .flatMap(({ change }) => change.clocks)
        .filter(({ kind }) => kind === 'contain');
      expect(new Set(contain.map(({ id }) => id)).size).toBe(1);
      expect(await handle.query(messages.stateQuery)).toMatchObject({
        phase: 'containment',
        severity: 'critical',
      });
      const sizes = await historySizes(temporal.client, workflowId, started.firstExecutionRunId);
      process.stdout.write(`what happens in 12 months: ${JSON.stringify(sizes)}\n`);
      // it was more than one run may hold
      expect(sizes.length).toBeGreaterThan(1);
      for (const { events, bytes, largest } of sizes) {
        expect(events).toBeLessThanOrEqual(MOST_EVENTS);
        expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
        expect(largest).toBeLessThanOrEqual(MOST_OF_ONE);
      }
      await handle.terminate('the year is over');
    });
    await temporal.close();
  },
);
