// Every kind of workflow whose rows and runs are compared. A new kind is a new entry here.
import { REOPEN_WINDOW_DAYS } from '../../domain/incidents/rules.js';
import { assessmentRuns } from './assessments.js';
import { evidence } from './evidence.js';
import { recordKind } from './record-kind.js';
import type { WorkflowKind } from './types.js';

const incidents = recordKind({
  kind: 'incident',
  workflow_type: 'incidentWorkflow',
  table: 'incident',
  // a workflow ends by its own clock when the time for reopening is over; clocks differ, so the last hour is left to it
  live: `(r.closed_at is null
    or r.closed_at > clock_timestamp() - interval '${REOPEN_WINDOW_DAYS} days' + interval '1 hour')`,
  since: 'r.created_at',
});

// what each step came to is in its row, so a run that is started again repeats nothing
const playbookRuns = recordKind({
  kind: 'playbook',
  workflow_type: 'playbookRunWorkflow',
  table: 'playbook_run',
  live: 'r.ended_at is null',
  since: 'r.started_at',
  touched: 'r.ended_at',
});

const notifications = recordKind({
  kind: 'notification',
  workflow_type: 'notificationWorkflow',
  table: 'notification',
  live: `r.state = 'pending'`,
  since: 'r.created_at',
});

const acceptances = recordKind({
  kind: 'acceptance',
  workflow_type: 'riskAcceptanceWorkflow',
  table: 'risk_acceptance',
  live: '(r.ended_at is null and r.expires_at is not null)',
  since: 'r.accepted_at',
  touched: `coalesce(r.ended_at, 'infinity')`,
});

// a deleted one is live while its bytes are still there
const reports = recordKind({
  kind: 'report',
  workflow_type: 'reportWorkflow',
  table: 'report',
  live: '(r.ended_at is null or (r.deleted_at is not null and r.cleared_at is null))',
  since: 'r.updated_at',
  touched: 'r.updated_at',
});

export const WORKFLOW_KINDS: readonly WorkflowKind[] = [
  assessmentRuns,
  incidents,
  playbookRuns,
  notifications,
  acceptances,
  evidence,
  reports,
];
