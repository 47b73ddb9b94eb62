import { z } from 'zod';
import { incidentParams } from '../incidents/schema.js';
import { page, pageQuery, text, timestamp, uuid } from '../schema.js';
import { APPLICABILITIES, POLICY_NAMES, STEP_DECISIONS } from './rules.js';

const name = z.enum(POLICY_NAMES);
const sha256 = z.string().meta({ description: 'of the source; decisions name it as their revision' });

export const policy = z
  .object({
    name,
    description: z.string(),
    revision: z.number().int().meta({ description: '0: nobody has changed it yet' }),
    built_in: z.boolean(),
    sha256,
    notes: z.string().nullable(),
    changed_by: uuid.nullable(),
    changed_at: timestamp.nullable(),
  })
  .meta({ id: 'Policy' });
export type PolicyView = z.infer<typeof policy>;
export const policyPage = page(policy).meta({ id: 'PolicyPage' });

const anyInput = z.record(z.string(), z.unknown());

export const policyDetail = policy
  .extend({ source: z.string().meta({ description: 'Rego v1' }), example_input: anyInput })
  .meta({ id: 'PolicyDetail' });
export type PolicyDetail = z.infer<typeof policyDetail>;

export const policyRevision = z
  .object({
    id: uuid,
    name,
    revision: z.number().int(),
    built_in: z.boolean(),
    sha256,
    source: z.string(),
    notes: z.string().nullable(),
    changed_by: uuid,
    changed_at: timestamp,
  })
  .meta({ id: 'PolicyRevision' });
export type PolicyRevision = z.infer<typeof policyRevision>;
export const policyRevisionPage = page(policyRevision).meta({ id: 'PolicyRevisionPage' });

/** Compiled and judged whole, so it is bounded. */
const MOST_SOURCE = 64 * 1024;
const source = z
  .string()
  .min(1)
  .max(MOST_SOURCE)
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u, 'must not hold control characters')
  .meta({ description: 'Rego v1, in the package that has the name of the policy; it sees its input only' });

const EXAMPLE = `package playbook_step

default decision := {"decision": "deny", "reasons": ["only reading is automated here"]}

decision := {"decision": "allow"} if {
	input.step.risk_class == "read"
	not input.kill_switch
}
`;

export const policyUpdate = z
  .strictObject({ source, notes: text(2000).optional() })
  .meta({ id: 'PolicyUpdate', example: { source: EXAMPLE, notes: 'Only reading' } });
export type PolicyUpdate = z.infer<typeof policyUpdate>;

export const policyReset = z
  .strictObject({ notes: text(2000).optional() })
  .default({})
  .meta({ id: 'PolicyReset', example: { notes: 'Back to what ships' } });

export const policyTest = z
  .strictObject({
    input: anyInput,
    source: source.optional().meta({ description: 'a draft to be tried; else the policy in force' }),
  })
  .meta({
    id: 'PolicyTest',
    example: {
      input: { kill_switch: false, dry_run: false, step: { action: 'http', risk_class: 'destructive' } },
    },
  });
export type PolicyTest = z.infer<typeof policyTest>;

const decision = z.object({
  decision: z.enum(STEP_DECISIONS),
  reasons: z.array(z.string()),
  approvals_required: z.number().int(),
  revision: z.string().nullable(),
});
const duty = z.object({ code: z.string(), applies: z.enum(APPLICABILITIES), reason: z.string() });

export const policyTestResult = z
  .object({
    name,
    sha256,
    answer: z.unknown().meta({ description: 'as the policy gave it; null when it gave none' }),
    failure: z
      .enum(['timeout', 'too_large', 'bad_answer'])
      .nullable()
      .meta({ description: 'why it gave none' }),
    decision: decision.nullable().meta({ description: 'what that means for a step; of playbook_step only' }),
  })
  .meta({ id: 'PolicyTestResult' });
export type PolicyTestResult = z.infer<typeof policyTestResult>;

export const killSwitch = z
  .object({
    engaged: z.boolean().meta({ description: 'true: no automated step is done' }),
    reason: z.string().nullable(),
    changed_by: uuid.nullable(),
    changed_at: timestamp.nullable(),
  })
  .meta({ id: 'KillSwitch' });
export type KillSwitch = z.infer<typeof killSwitch>;

export const killSwitchUpdate = z.strictObject({ engaged: z.boolean(), reason: text(2000) }).meta({
  id: 'KillSwitchUpdate',
  example: { engaged: true, reason: 'A playbook isolates the wrong hosts' },
});
export type KillSwitchUpdate = z.infer<typeof killSwitchUpdate>;

export const dutySuggestions = z
  .object({
    incident_id: uuid,
    items: z.array(duty.extend({ regime: z.string(), stage: z.string() })),
    policy_revision: z.string().nullable().meta({ description: 'null: the policy could not be asked' }),
    notice: z.string().meta({ description: 'decision aid, not legal advice' }),
  })
  .meta({ id: 'ObligationSuggestions' });
export type DutySuggestions = z.infer<typeof dutySuggestions>;

export const policyParams = z.strictObject({
  org_id: uuid,
  name: z
    .string()
    .regex(/^[a-z_]{1,60}$/, 'must be the name of a policy')
    .meta({ description: POLICY_NAMES.join(' or ') }),
});
export const policyListQuery = pageQuery;
export const suggestionParams = incidentParams;
