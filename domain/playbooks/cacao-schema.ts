// CACAO v2.0 (OASIS CS01) as far as we keep it, in our own words: the shape of a document. What of it can be run is
// decided in compile.ts. Unknown properties are refused: a step must never mean more to its author than to us.
import { z } from 'zod';
import { PHASES } from '../incidents/rules.js';
import { text } from '../schema.js';
import { APPROVERS, RISK_CLASSES } from './rules.js';

/** Our one extension: what CACAO has no word for. Its id is the key in `step_extensions`. */
export const EXTENSION_ID = 'extension-definition--6d0e6c3e-8a57-4f0c-9a0e-5b2f9c1d7e40';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const STEP_TYPES =
  '(start|end|action|playbook-action|parallel|if-condition|while-condition|switch-condition)';

function idOf(prefix: string) {
  return z.string().regex(new RegExp(`^${prefix}--${UUID}$`), `must be ${prefix}--<uuid>`);
}

const stepId = idOf(STEP_TYPES);
const words = text(10_000, 0);
const LONGEST_WAIT_MS = 90 * 86_400_000;
const milliseconds = z.number().int().min(0).max(LONGEST_WAIT_MS);
export const variableName = z
  .string()
  .max(100)
  .regex(/^__[A-Za-z0-9_-]+__$/, 'must be a name such as __host__');

const variable = z.strictObject({
  type: z.string().max(40),
  description: words.optional(),
  value: z.string().max(1000).optional(),
  constant: z.boolean().optional(),
  external: z.boolean().optional(),
});
const variables = z.record(variableName, variable);

const command = z.strictObject({
  type: z.string().max(60),
  description: words.optional(),
  command: z.string().max(10_000).optional(),
  version: z.string().max(60).optional(),
  playbook_activity: z.string().max(60).optional(),
  headers: z.record(z.string().max(100), z.array(z.string().max(2000)).max(10)).optional(),
  content: z.string().max(20_000).optional(),
});

const minutesToMonths = milliseconds.min(1);
/** What a step says beyond the standard. */
export const stepExtension = z.strictObject({
  phase: z.enum(PHASES).optional(),
  /** Who has it as a task: a role of the incident. */
  owner: z.enum(['commander', 'assignee']).optional(),
  /** Who that usually is, in words: a team, an office. */
  team: text(200).optional(),
  /** What has to be kept to prove it was done. */
  evidence: z.array(text(500)).max(20).optional(),
  blocking: z.boolean().optional(),
  due_ms: minutesToMonths.optional(),
  risk_class: z.enum(RISK_CLASSES).optional(),
  approval: z
    .strictObject({
      min: z.number().int().min(1).max(5).default(1),
      timeout: minutesToMonths.default(86_400_000),
      on_timeout: z.enum(['deny', 'escalate']).default('deny'),
      roles: z
        .array(z.enum(APPROVERS))
        .min(1)
        .max(2)
        .default([...APPROVERS]),
    })
    .optional(),
  compensate_step: stepId.optional(),
  /** Keeps evidence, and must have succeeded before this one may be done. */
  evidence_before: stepId.optional(),
  idempotent: z.boolean().optional(),
  continue_on_error: z.boolean().optional(),
  max_iterations: z.number().int().min(1).max(100).optional(),
  /** JSON field of the answer -> variable. */
  results: z.record(variableName, text(200)).optional(),
});

const step = z.strictObject({
  type: z.string().max(60),
  name: text(300).optional(),
  description: words.optional(),
  external_references: z.array(z.unknown()).max(50).optional(),
  delay: milliseconds.optional(),
  timeout: milliseconds.optional(),
  step_variables: variables.optional(),
  owner: z.string().max(100).optional(),
  on_completion: stepId.optional(),
  on_success: stepId.optional(),
  on_failure: stepId.optional(),
  step_extensions: z.record(z.string().max(100), z.unknown()).optional(),
  commands: z.array(command).min(1).max(10).optional(),
  agent: z.string().max(100).optional(),
  targets: z.array(z.string().max(100)).max(10).optional(),
  in_args: z.array(variableName).max(50).optional(),
  out_args: z.array(variableName).max(50).optional(),
  playbook_id: z.string().max(100).optional(),
  playbook_version: z.string().max(60).optional(),
  next_steps: z.array(stepId).max(20).optional(),
  condition: z.string().min(1).max(2000).optional(),
  on_true: stepId.optional(),
  on_false: stepId.optional(),
  switch: z.string().min(1).max(200).optional(),
  cases: z.record(z.string().max(200), stepId).optional(),
});

const named = z.looseObject({ type: z.string().max(60), name: z.string().max(300) });
const rank = z.number().int().min(0).max(100);
const vocabulary = z.array(z.string().max(100)).max(50);
const instant = z.iso.datetime();
const STEPS_MAX = 200;

export const cacaoPlaybook = z
  .strictObject({
    type: z.literal('playbook'),
    spec_version: z.literal('cacao-2.0'),
    id: idOf('playbook'),
    name: text(300),
    description: words.optional(),
    playbook_types: vocabulary.optional(),
    playbook_activities: vocabulary.optional(),
    playbook_processing_summary: z.record(z.string().max(60), z.boolean()).optional(),
    created_by: idOf('identity'),
    created: instant,
    modified: instant,
    revoked: z.boolean().optional(),
    valid_from: instant.optional(),
    valid_until: instant.optional(),
    derived_from: z.array(z.string().max(100)).max(50).optional(),
    related_to: z.array(z.string().max(100)).max(50).optional(),
    priority: rank.optional(),
    severity: rank.optional(),
    impact: rank.optional(),
    industry_sectors: vocabulary.optional(),
    labels: vocabulary.optional(),
    external_references: z.array(z.unknown()).max(50).optional(),
    markings: z.array(z.string().max(100)).max(20).optional(),
    playbook_variables: variables.optional(),
    workflow_start: idOf('start'),
    workflow_exception: stepId.optional(),
    workflow: z
      .record(stepId, step)
      .refine((steps) => Object.keys(steps).length <= STEPS_MAX, `a playbook has at most ${STEPS_MAX} steps`),
    playbook_extensions: z.record(z.string().max(100), z.unknown()).optional(),
    authentication_info_definitions: z.record(z.string().max(100), z.unknown()).optional(),
    agent_definitions: z.record(z.string().max(100), named).optional(),
    target_definitions: z.record(z.string().max(100), named).optional(),
    extension_definitions: z.record(z.string().max(100), z.unknown()).optional(),
    data_marking_definitions: z.record(z.string().max(100), z.unknown()).optional(),
    signatures: z.array(z.unknown()).max(10).optional(),
  })
  .meta({ id: 'CacaoPlaybook', description: 'a CACAO v2.0 playbook' });
export type CacaoPlaybook = z.infer<typeof cacaoPlaybook>;
export type CacaoStep = z.infer<typeof step>;
export type CacaoCommand = z.infer<typeof command>;
export type StepExtension = z.infer<typeof stepExtension>;

/** What a playbook says beyond the standard. */
export const playbookExtension = z.strictObject({
  /** Undoes, last first, what succeeded and names a compensate_step, when the run fails. */
  rollback_on_failure: z.boolean().default(false),
});

export const httpTarget = z.looseObject({
  type: z.literal('http-api'),
  name: z.string().max(300),
  address: z.strictObject({ url: z.array(z.url({ protocol: /^https?$/ }).max(2048)).length(1) }),
});
