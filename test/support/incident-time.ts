// Stories of incidents on a server on which days pass at once.
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { expect } from 'vitest';
import { type Clock, momentOf, type SlaPolicy } from '../../domain/incidents/clocks.js';
import type { IncidentSeverity, Phase } from '../../domain/incidents/rules.js';
import { loadWorkflowBundle } from '../../workers/bundle.js';
import type { incidentWorkflow } from '../../workflows/incidents/incident-workflow.js';
import * as messages from '../../workflows/incidents/messages.js';
import { fakeIncident, type FakeIncident } from './fakes/incident-activities.js';
import { timeSkippingEnvironment } from './temporal.js';

export interface Played {
  incident: FakeIncident;
  handle: WorkflowHandleWithFirstExecutionRunId<typeof incidentWorkflow>;
  now: () => Promise<number>;
  wait: (ms: number) => Promise<void>;
  move: (from: Phase, to: Phase) => Promise<void>;
}

export interface IncidentTime {
  environment: TestWorkflowEnvironment;
  /** Each threshold of each clock is held against its moment when the story is over. */
  play(
    policy: SlaPolicy,
    severity: IncidentSeverity,
    story: (played: Played) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

export const by = () => ({ command_id: randomUUID(), actor_id: randomUUID() });

export async function startIncidentTime(): Promise<IncidentTime> {
  const environment = await timeSkippingEnvironment();
  const { workflowBundle }: { workflowBundle: WorkflowBundleOption } = await loadWorkflowBundle();
  const now = (): Promise<number> => environment.currentTimeMs();
  return {
    environment,
    close: () => environment.teardown(),
    async play(policy, severity, story) {
      const begun = Date.now();
      const incident = fakeIncident(policy, severity, 0, now);
      const taskQueue = `incident-time-${randomUUID()}`;
      const worker = await Worker.create({
        connection: environment.nativeConnection,
        taskQueue,
        workflowBundle,
        activities: incident.activities,
      });
      await worker.runUntil(async () => {
        const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
        const incident_id = randomUUID();
        const handle = await environment.client.workflow.start<typeof incidentWorkflow>('incidentWorkflow', {
          taskQueue,
          workflowId: `incident:${tenant.org_id}:${incident_id}`,
          args: [{ tenant, incident_id }],
        });
        await story({
          incident,
          handle,
          now,
          wait: (ms) => environment.sleep(ms),
          async move(from, to) {
            const args: [messages.TransitionMessage] = [{ ...by(), from, to }];
            await handle.executeUpdate(messages.transitionUpdate, { args });
          },
        });
      });
      expectPunctual(incident, policy, Date.now() - begun);
    },
  };
}

/**
 * Every threshold once; never early, and late by a second at most, beside what the machine itself has spent on the
 * story: that time passes on the server too.
 */
function expectPunctual({ changes }: FakeIncident, { calendars }: SlaPolicy, spent_ms: number): void {
  const known = new Map<string, Clock>();
  let fired = 0;
  for (const { change } of changes) {
    for (const clock of change.clocks) {
      // a clock that was never written before ran from its anchor on
      const before = known.get(clock.id) ?? {
        ...clock,
        accrued_ms: 0,
        running_since: clock.anchored_at,
        fired: [],
      };
      known.set(clock.id, clock);
      expect(new Set(clock.fired).size, clock.kind).toBe(clock.fired.length);
      const added = clock.fired.filter((percent) => !before.fired.includes(percent));
      fired += added.length;
      // what another severity makes of the time that has passed is told with it
      if (change.set.severity !== undefined || added.length === 0) continue;
      const late = added.map((percent) => change.at - (momentOf(calendars, before, percent) ?? Infinity));
      expect(Math.min(...late), `${clock.kind} ${added.join()}`).toBeGreaterThanOrEqual(0);
      expect(Math.max(...late), `${clock.kind} ${added.join()}`).toBeLessThanOrEqual(1_000 + spent_ms);
    }
  }
  expect(fired).toBeGreaterThan(0);
}
