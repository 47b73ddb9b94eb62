// What a run of a playbook asks of its activities.
import type { Command, Plan, Variables } from '../../domain/playbooks/plan.js';
import type { Approver, RiskClass, RunStatus, StepStatus } from '../../domain/playbooks/rules.js';
import type { StepDecision } from '../../domain/playbooks/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import type { Phase } from '../../domain/incidents/rules.js';

export interface PlaybookRunRef {
  tenant: TenantRef;
  incident_id: string;
  run_id: string;
}

export interface StepRef extends PlaybookRunRef {
  step_id: string;
  iteration: number;
}

/** How a step of an earlier workflow of the same run ended; or that nobody knows. */
export interface Recorded {
  status: StepStatus;
  outputs: Variables;
  result: string;
}

export interface OpenedRun {
  plan: Plan;
  /** Of its start, and those that the incident gives. */
  variables: Variables;
  execute_automated: boolean;
  dry_run: boolean;
  status: RunStatus;
  started_by: string;
  /** `step_id/iteration` -> what is on record. */
  recorded: Readonly<Record<string, Recorded>>;
}

export interface DecideInput extends StepRef {
  name: string;
  action: string;
  risk_class: RiskClass;
  commands: readonly Command[];
  /** How many the author of the playbook asks for, whatever the policy says. */
  approvals_min: number;
}

export interface Decided {
  decision: StepDecision;
  /** Of step and arguments: what an approval is given for. */
  args_hash: string;
}

export interface RecordStepInput extends StepRef {
  name: string;
  action: string | null;
  risk_class: RiskClass | null;
  status: StepStatus;
  result: string;
  outputs?: Variables;
  args_hash?: string;
  approvals_required?: number;
  /** Of an approval that changed arguments have made void. */
  event?: 'approval_voided' | 'approval_escalated';
}

export interface TaskInput extends StepRef {
  name: string;
  action: string;
  risk_class: RiskClass;
  status: 'waiting_person' | 'needs_human';
  description: string;
  phase: Phase | null;
  owner: 'commander' | 'assignee' | null;
  blocking: boolean;
  due_ms: number | null;
}

export interface OpenedTask {
  task_id: string;
  /** Somebody was faster than the run. */
  settled: 'done' | 'waived' | null;
}

export interface CommandInput extends StepRef {
  /** Of the command within its step, and of the target within the command. */
  index: number;
  target: string | null;
  command: Command;
  idempotent: boolean;
  /** For a task that the command makes. */
  task: Pick<TaskInput, 'phase' | 'owner' | 'blocking' | 'due_ms'>;
  results: Readonly<Record<string, string>>;
}

export interface CommandOutcome {
  ok: boolean;
  words: string;
  outputs: Variables;
}

export interface ApprovalInput extends StepRef {
  command_id: string;
  actor_id: string;
  args_hash: string;
  verdict: 'approve' | 'reject';
  risk_class: RiskClass;
  name: string;
  roles: readonly Approver[];
}

export interface RunChange extends PlaybookRunRef {
  /** Of the act. */
  key: string;
  command_id: string | null;
  actor_id: string | null;
  status: RunStatus;
  failure: string | null;
  /** What a person wants of it, before it comes to that. */
  asked: 'abort' | 'rollback' | null;
}

export interface PlaybookActivities {
  openPlaybookRun: (input: PlaybookRunRef & { temporal_run_id: string }) => Promise<OpenedRun>;
  /** Asks the policy and writes down what it said. Whatever goes wrong is a denial. */
  decidePlaybookStep: (input: DecideInput) => Promise<Decided>;
  recordPlaybookStep: (input: RecordStepInput) => Promise<void>;
  openPlaybookTask: (input: TaskInput) => Promise<OpenedTask>;
  /** Ends the step's task, if it has one that is open. */
  closePlaybookTask: (
    input: StepRef & {
      status: 'done' | 'waived';
      actor_id: string | null;
      result: string;
      command_id: string | null;
    },
  ) => Promise<void>;
  /** @throws FORBIDDEN for whoever may not approve (any more). */
  recordPlaybookApproval: (input: ApprovalInput) => Promise<void>;
  recordPlaybookRun: (input: RunChange) => Promise<void>;
  runPlaybookHttp: (input: CommandInput) => Promise<CommandOutcome>;
  runPlaybookQuery: (input: CommandInput) => Promise<CommandOutcome>;
  runPlaybookCommand: (input: CommandInput) => Promise<CommandOutcome>;
}
