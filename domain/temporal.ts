import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

// Queues are by kind of load, not by tenant: a typo in a literal would make a new, silent queue.
export const TASK_QUEUES = {
  core: 'grc-core',
  llm: 'grc-llm',
  steampipe: 'grc-steampipe',
  egress: 'grc-egress',
  report: 'grc-report',
  evidence: 'grc-evidence',
} as const;
export type TaskQueue = (typeof TASK_QUEUES)[keyof typeof TASK_QUEUES];

/** Colon, because UUIDs contain hyphens. Never taken from a client. */
export function assessmentWorkflowId(org_id: string, execution_id: string): string {
  return `assessment:${org_id}:${execution_id}`;
}

export function incidentWorkflowId(org_id: string, incident_id: string): string {
  return `incident:${org_id}:${incident_id}`;
}

export function playbookWorkflowId(org_id: string, run_id: string): string {
  return `playbook:${org_id}:${run_id}`;
}

/** Reminders of the findings of one run that a person has to look at. */
export function reviewWorkflowId(org_id: string, execution_id: string): string {
  return `review:${org_id}:${execution_id}`;
}

/** The clock of an acceptance of a risk that expires. */
export function riskAcceptanceWorkflowId(org_id: string, acceptance_id: string): string {
  return `acceptance:${org_id}:${acceptance_id}`;
}

/** A document: its upload, its verification, and the clock by which it turns stale. */
export function evidenceWorkflowId(org_id: string, evidence_id: string): string {
  return `evidence:${org_id}:${evidence_id}`;
}

/** One message to one receiver. */
export function notificationWorkflowId(org_id: string, notification_id: string): string {
  return `notification:${org_id}:${notification_id}`;
}

export function reportWorkflowId(org_id: string, report_id: string): string {
  return `report:${org_id}:${report_id}`;
}

/** One collection that a person, or a change of the indicator, has asked for. */
export function kriCollectionWorkflowId(org_id: string, collection_id: string): string {
  return `kri:${org_id}:${collection_id}`;
}

export function kriScheduleId(org_id: string, kri_id: string): string {
  return `schedule:kri:${org_id}:${kri_id}`;
}

/** The platform's, not the organization's: it destroys the key under which its own history would stand. */
export function orgDeletionWorkflowId(org_id: string): string {
  return `deletion:platform:${org_id}`;
}

/** The organization a workflow or schedule id belongs to, or undefined for platform workflows. */
export function orgOfWorkflowId(id: string): string | undefined {
  const parts = id.split(':');
  const org = parts[0] === 'schedule' ? parts[2] : parts[1];
  return org !== undefined && /^[0-9a-f-]{36}$/.test(org) ? org : undefined;
}

// Search attributes are stored in clear: ids and states, never personal data.
export const SEARCH_ATTRIBUTES = {
  orgId: defineSearchAttributeKey('OrgId', SearchAttributeType.KEYWORD),
  resourceId: defineSearchAttributeKey('ResourceId', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD),
  slaDueAt: defineSearchAttributeKey('SlaDueAt', SearchAttributeType.DATETIME),
} as const;

// Failure types of an activity that could not reach what it needs; the run pauses when they persist.
export const OUTAGES = {
  llm: 'LLM_UNREACHABLE',
  steampipe: 'STEAMPIPE_UNREACHABLE',
} as const;
export type Outage = (typeof OUTAGES)[keyof typeof OUTAGES];

/** How long a request may wait for Temporal; what is not confirmed by then goes on in the background. */
export const REQUEST_DEADLINE_MS = 2_000;

/** What `workflows/` exports: a name that is not there would be started and never run. */
export const WORKFLOW_TYPES = [
  'assessmentWorkflow',
  'evidenceWorkflow',
  'incidentWorkflow',
  'kriCollectionWorkflow',
  'notificationWorkflow',
  'orgDeletionWorkflow',
  'playbookRunWorkflow',
  'reportWorkflow',
  'reviewWorkflow',
  'riskAcceptanceWorkflow',
] as const;
export type WorkflowType = (typeof WORKFLOW_TYPES)[number];
