// The policies that ship: what each organization has until it writes its own.
import { OBLIGATION_TEMPLATES } from '../../../domain/incidents/obligations.js';
import type { PolicyInput, PolicyName } from '../../../domain/policies/rules.js';
import { INCIDENT_OBLIGATIONS } from './incident-obligations.js';
import { PLAYBOOK_STEP } from './playbook-step.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';

const stepInput: PolicyInput = {
  org: NOBODY,
  actor: NOBODY,
  incident: { id: NOBODY, category: 'malicious_code', severity: 'high', phase: 'containment' },
  playbook: { id: 'ransomware', revision: 1, sha256: 'b'.repeat(64) },
  step: {
    id: `action--${NOBODY}`,
    type: 'action',
    action: 'http',
    risk_class: 'disruptive',
    args: {
      commands: [{ action: 'http', method: 'POST', path: '/isolate', targets: ['https://edr.example'] }],
    },
    args_hash: 'a'.repeat(64),
  },
  dry_run: false,
  rate: { same_step: 0, disruptive: 1 },
  time: { at: '2026-11-26T10:00:00Z', weekday: 4, hour: 10 },
  kill_switch: false,
};

export interface BuiltInPolicy {
  description: string;
  source: string;
  /** What it is asked with before it is taken, and what people may start from. */
  example_input: Record<string, unknown>;
}

export const BUILT_IN_POLICIES: Readonly<Record<PolicyName, BuiltInPolicy>> = {
  playbook_step: {
    description: 'Whether an automated step of a playbook may be done, and how many people have to agree',
    source: PLAYBOOK_STEP,
    example_input: { ...stepInput },
  },
  incident_obligations: {
    description: 'Which duties to report probably apply to an incident; decision aid, not legal advice',
    source: INCIDENT_OBLIGATIONS,
    example_input: {
      duties: OBLIGATION_TEMPLATES.map(({ code, regime, stage }) => ({ code, regime, stage })),
      incident: { category: 'data_breach', severity: 'high', phase: 'analysis', affected_records: 1200 },
      regulation: { jurisdictions: ['EU'], sectors: ['financial'], personal_data: true },
    },
  },
};
