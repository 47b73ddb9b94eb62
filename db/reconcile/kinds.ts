// Every kind of workflow whose rows and runs are compared. A new kind is a new line here.
import { acceptances } from './acceptances.js';
import { assessmentRuns } from './assessments.js';
import { evidence } from './evidence.js';
import { incidents } from './incidents.js';
import { notifications } from './notifications.js';
import { playbookRuns } from './playbooks.js';
import { reports } from './reports.js';
import type { WorkflowKind } from './types.js';

export const WORKFLOW_KINDS: readonly WorkflowKind[] = [
  assessmentRuns,
  incidents,
  playbookRuns,
  notifications,
  acceptances,
  evidence,
  reports,
];
