// Temporal's schedules, by messages that may come twice.
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import type { SchedulePayload, StartPayload } from './repository.js';

/** So that an outage at night costs no daily run. */
const CATCH_UP_MS = 86_400_000;

/** What every start of ours has, by a message or by a schedule. */
export function startOptions({ task_queue, resource_id, summary, input }: Omit<StartPayload, 'after_end'>) {
  return {
    taskQueue: task_queue,
    args: [input],
    staticSummary: summary,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.orgId, value: input.tenant.org_id },
      { key: SEARCH_ATTRIBUTES.resourceId, value: resource_id },
      { key: SEARCH_ATTRIBUTES.phase, value: 'starting' },
    ],
  };
}

/** Makes it, or makes it what the message says. */
export async function upsertSchedule(
  client: Client,
  scheduleId: string,
  payload: SchedulePayload,
): Promise<void> {
  const options = optionsOf(payload);
  try {
    await client.schedule.create({ scheduleId, ...options });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(() => options);
  }
}

/** Fine when there is none. */
export async function deleteSchedule(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

function optionsOf(payload: SchedulePayload) {
  const { spec, paused, workflow_type } = payload;
  return {
    action: { type: 'startWorkflow', workflowType: workflow_type, ...startOptions(payload) },
    spec:
      'cron' in spec
        ? { cronExpressions: [spec.cron], ...(spec.timezone !== undefined && { timezone: spec.timezone }) }
        : { intervals: [{ every: spec.every_ms }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: payload.catch_up_ms ?? CATCH_UP_MS },
    state: { paused },
  } satisfies ScheduleUpdateOptions;
}
