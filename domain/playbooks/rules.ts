// Words of playbooks and their runs, and who may decide over a step. Pure.

/** How much harm an automated step can do, least first. */
export const RISK_CLASSES = ['read', 'notify', 'reversible', 'disruptive', 'destructive'] as const;
export type RiskClass = (typeof RISK_CLASSES)[number];

export const ACTIONS = ['manual', 'http', 'steampipe', 'task', 'notify', 'evidence'] as const;
export type ActionName = (typeof ACTIONS)[number];

export const RUN_STATUSES = [
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'rolling_back',
  'rolled_back',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = [
  'running',
  'waiting_approval',
  'waiting_person',
  'needs_human',
  'succeeded',
  'failed',
  'denied',
  'timed_out',
  'cancelled',
  'planned',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

const OPEN_STEPS: readonly StepStatus[] = ['running', 'waiting_approval', 'waiting_person', 'needs_human'];

export function isStepOpen(status: StepStatus): boolean {
  return OPEN_STEPS.includes(status);
}

const ENDED: readonly RunStatus[] = ['completed', 'failed', 'cancelled', 'rolled_back'];

export function isRunEnded(status: RunStatus): boolean {
  return ENDED.includes(status);
}

/** Who may decide on a step that waits for approval, unless its author names one of them. */
export const APPROVERS = ['admin', 'commander'] as const;
export type Approver = (typeof APPROVERS)[number];

/** What an action does by itself unless the author says more; never less. */
const LEAST_RISK: Record<ActionName, RiskClass> = {
  manual: 'read',
  steampipe: 'read',
  task: 'notify',
  notify: 'notify',
  evidence: 'read',
  http: 'reversible',
};

export function leastRisk(action: ActionName): RiskClass {
  return LEAST_RISK[action];
}

export function isRiskier(risk: RiskClass, than: RiskClass): boolean {
  return RISK_CLASSES.indexOf(risk) > RISK_CLASSES.indexOf(than);
}

/** Whoever starts something that disrupts does not approve it too. */
export function needsAnother(risk: RiskClass): boolean {
  return risk === 'disruptive' || risk === 'destructive';
}

/** Failure type of a call that may have happened, and may not be made twice. */
export const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

export const RUN_COMMANDS = ['pause', 'resume', 'abort', 'rollback'] as const;
export type RunCommand = (typeof RUN_COMMANDS)[number];

/** Undefined when allowed, else why not. */
export function refuseRunCommand(status: RunStatus, command: RunCommand): string | undefined {
  const allowed: Record<RunCommand, readonly RunStatus[]> = {
    pause: ['running'],
    resume: ['paused'],
    abort: ['running', 'paused'],
    rollback: ['running', 'paused'],
  };
  if (allowed[command].includes(status)) return undefined;
  return `a run that is ${status} cannot ${command}; possible while ${allowed[command].join(' or ')}`;
}
