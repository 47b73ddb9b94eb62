// A playbook as it is run: what the compiler makes of a CACAO document. Plain data, carried by the workflow.
import type { EscalationAudience } from '../incidents/clocks.js';
import type { Phase } from '../incidents/rules.js';
import type { ActionName, Approver, RiskClass } from './rules.js';

export type Variables = Readonly<Record<string, string>>;

export interface ApprovalRule {
  min: number;
  timeout_ms: number;
  on_timeout: 'deny' | 'escalate';
  /** Absent in histories from before there were any: both. */
  roles?: readonly Approver[];
}

export type Command =
  | { action: 'manual'; instructions: string }
  | {
      action: 'http';
      method: string;
      path: string;
      headers: Readonly<Record<string, string>>;
      body: string | null;
      /** Base addresses; the call is made to each, in order. */
      targets: readonly string[];
    }
  | { action: 'steampipe'; sql: string }
  | { action: 'task'; title: string; instructions: string }
  | { action: 'notify'; audience: readonly EscalationAudience[]; message: string }
  | { action: 'evidence'; title: string };

interface Common {
  id: string;
  name: string;
  delay_ms: number;
  /** Where it goes on; null: at the end of its branch. */
  on_success: string | null;
  on_failure: string | null;
  variables: Variables;
}

export interface ActionStep extends Common {
  kind: 'action';
  description: string;
  commands: readonly Command[];
  /** Of the commands: the one with most weight names the step. */
  action: ActionName;
  risk_class: RiskClass;
  timeout_ms: number | null;
  phase: Phase | null;
  owner: 'commander' | 'assignee' | null;
  team: string | null;
  evidence: readonly string[];
  blocking: boolean;
  due_ms: number | null;
  approval: ApprovalRule | null;
  compensate_step: string | null;
  /** What must have succeeded before. */
  evidence_before?: string;
  idempotent: boolean;
  out_args: readonly string[];
  /** Variable -> dotted path into what the last command answered. */
  results: Readonly<Record<string, string>>;
}

export type Step =
  | (Common & { kind: 'start' })
  | { kind: 'end'; id: string; name: string; delay_ms: 0 }
  | ActionStep
  | (Common & { kind: 'parallel'; branches: readonly string[] })
  | (Common & { kind: 'if'; condition: string; on_true: string; on_false: string | null })
  | (Common & { kind: 'while'; condition: string; on_true: string; max_iterations: number })
  | (Common & { kind: 'switch'; variable: string; cases: Readonly<Record<string, string>> });

export interface Plan {
  start: string;
  exception: string | null;
  rollback_on_failure: boolean;
  variables: Variables;
  /** Names whose value is given when the run is started. */
  external: readonly string[];
  steps: Readonly<Record<string, Step>>;
}

export interface Problem {
  /** Dotted path into the document. */
  field: string;
  detail: string;
}
