// Who waits for whom: steps that stand still until a person has decided or done something.
import type { Approver, RiskClass } from '../../domain/playbooks/rules.js';
import type { Variables } from '../../domain/playbooks/plan.js';

export interface PendingApproval {
  name: string;
  risk_class: RiskClass;
  args_hash: string;
  roles: readonly Approver[];
  approved_by: Set<string>;
  rejected: boolean;
  /** Whether what was asked about is still what would be done. */
  isCurrent: () => boolean;
}

export interface PendingPerson {
  settled: { ok: boolean; outputs: Variables; by: 'task' | 'person'; words: string } | undefined;
}

export class Waiting {
  readonly approvals = new Map<string, PendingApproval>();
  readonly people = new Map<string, PendingPerson>();

  static key({ step_id, iteration }: { step_id: string; iteration: number }): string {
    return `${step_id}/${iteration}`;
  }
}
