import { z } from 'zod';
import { anyOf, page, pageQuery, text, timestamp, uuid } from '../schema.js';
import { cacaoPlaybook, variableName } from './cacao-schema.js';
import { RISK_CLASSES, RUN_STATUSES, STEP_STATUSES } from './rules.js';

export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, 'must be a short name such as ransomware')
  .meta({ description: 'what people call it, e.g. ransomware' });

export const playbook = z
  .object({
    id: uuid.meta({ description: 'of this revision' }),
    playbook_id: slug,
    cacao_id: z.string(),
    revision: z.number().int(),
    name: z.string(),
    description: z.string(),
    built_in: z.boolean(),
    sha256: z.string(),
    imported_by: uuid.nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'Playbook' });
export type Playbook = z.infer<typeof playbook>;

export const playbookDetail = playbook.extend({ document: cacaoPlaybook }).meta({ id: 'PlaybookDetail' });
export type PlaybookDetail = z.infer<typeof playbookDetail>;
export const playbookPage = page(playbook).meta({ id: 'PlaybookPage' });

export const playbookImport = z
  .strictObject({
    playbook_id: slug,
    document: z.record(z.string(), z.unknown()).meta({
      description: 'a CACAO v2.0 playbook; every reason why it cannot be run is told with its place',
    }),
  })
  .meta({
    id: 'PlaybookImport',
    example: {
      playbook_id: 'lost_laptop',
      document: {
        type: 'playbook',
        spec_version: 'cacao-2.0',
        id: 'playbook--0b1f3c1e-6d0a-5c57-9c1e-0c2f3b7f9a10',
        name: 'Lost laptop',
        created_by: 'identity--5a1d3f0e-2b7c-4c55-9d0a-6f1e8b2c4d90',
        created: '2026-01-27T10:00:00Z',
        modified: '2026-01-27T10:00:00Z',
        workflow_start: 'start--1f0d7c52-93a7-5c9b-8a44-7e0b6f2d1c11',
        workflow: {
          'start--1f0d7c52-93a7-5c9b-8a44-7e0b6f2d1c11': {
            type: 'start',
            on_completion: 'action--2a6f1b90-5f0e-5a3d-9d57-6c1d2e3f4a12',
          },
          'action--2a6f1b90-5f0e-5a3d-9d57-6c1d2e3f4a12': {
            type: 'action',
            name: 'Lock it from afar',
            commands: [{ type: 'manual', command: 'Lock the device and end its sessions.' }],
            on_completion: 'end--3b7e2ca1-6a1f-5b4e-8e68-7d2e3f4a5b13',
          },
          'end--3b7e2ca1-6a1f-5b4e-8e68-7d2e3f4a5b13': { type: 'end' },
        },
      },
    },
  });
export type PlaybookImport = z.infer<typeof playbookImport>;

const values = z.record(variableName, z.string().max(1000));

export const playbookExecute = z
  .strictObject({
    playbook_id: slug,
    execute_automated: z.boolean().default(true).meta({ description: 'false: automated steps become tasks' }),
    dry_run: z
      .boolean()
      .default(false)
      .meta({ description: 'true: decisions are taken and shown, nothing is touched' }),
    variables: values.default({}).meta({ description: 'values of external variables' }),
  })
  .meta({ id: 'PlaybookExecute', example: { playbook_id: 'ransomware', execute_automated: true } });
export type PlaybookExecute = z.infer<typeof playbookExecute>;

const decision = z
  .object({
    decision: z.enum(['allow', 'deny', 'needs_approval']),
    reasons: z.array(z.string()),
    approvals_required: z.number().int(),
    revision: z.string().nullable().meta({ description: 'of the policy that decided' }),
  })
  .meta({ id: 'PlaybookDecision' });
export type StepDecision = z.infer<typeof decision>;

export const stepRun = z
  .object({
    step_id: z.string(),
    iteration: z.number().int(),
    name: z.string(),
    action: z.string().nullable().meta({ description: 'null for a block of steps' }),
    risk_class: z.enum(RISK_CLASSES).nullable(),
    status: z.enum(STEP_STATUSES),
    decision: decision.nullable(),
    args_hash: z.string().nullable().meta({ description: 'what an approval is given for' }),
    approvals_required: z.number().int(),
    approvals: z.array(
      z.object({
        user_id: uuid,
        verdict: z.enum(['approve', 'reject']),
        args_hash: z.string(),
        at: timestamp,
      }),
    ),
    task_id: uuid.nullable(),
    result: z.string().nullable(),
    outputs: z.record(z.string(), z.string()),
    started_at: timestamp,
    ended_at: timestamp.nullable(),
  })
  .meta({ id: 'PlaybookStepRun' });
export type StepRun = z.infer<typeof stepRun>;

export const playbookRun = z
  .object({
    id: uuid,
    incident_id: uuid,
    playbook_id: slug,
    revision: z.number().int(),
    sha256: z.string(),
    execute_automated: z.boolean(),
    dry_run: z.boolean(),
    variables: z.record(z.string(), z.string()),
    status: z.enum(RUN_STATUSES),
    failure: z.string().nullable(),
    started_by: uuid,
    started_at: timestamp,
    ended_at: timestamp.nullable(),
  })
  .meta({ id: 'PlaybookRun' });
export type PlaybookRun = z.infer<typeof playbookRun>;

export const playbookRunDetail = playbookRun
  .extend({
    steps: z.array(stepRun),
    workflow: z.object({ id: z.string(), run_id: z.string().nullable(), url: z.string() }),
    requested: z
      .string()
      .nullable()
      .meta({ description: 'a command that the run has not confirmed yet; it is not lost' }),
  })
  .meta({ id: 'PlaybookRunDetail' });
export type PlaybookRunDetail = z.infer<typeof playbookRunDetail>;
export const playbookRunPage = page(playbookRun).meta({ id: 'PlaybookRunPage' });

const argsHash = z.string().regex(/^[0-9a-f]{64}$/, 'must be the args_hash of the step');
export const approveBody = z.strictObject({ args_hash: argsHash, notes: text(2000).optional() }).meta({
  id: 'PlaybookApproval',
  example: { args_hash: 'a'.repeat(64), notes: 'Seen and agreed' },
});
export type ApproveBody = z.infer<typeof approveBody>;
export const completeBody = z
  .strictObject({
    outcome: z.enum(['success', 'failure']).default('success'),
    outputs: values.default({}).meta({ description: 'answers, by the names the step asks for' }),
    notes: text(10_000).optional(),
  })
  .meta({ id: 'PlaybookCompletion', example: { outcome: 'success', notes: 'Hosts are isolated' } });
export type CompleteBody = z.infer<typeof completeBody>;

export const playbookParams = z.strictObject({ org_id: uuid, playbook_id: slug });
export const libraryParams = z.strictObject({ playbook_id: slug });
export const runParams = z.strictObject({ org_id: uuid, incident_id: uuid, run_id: uuid });
export const stepParams = runParams.extend({
  step_id: z.string().regex(/^[a-z0-9-]{1,80}$/, 'must be the id of a step'),
});
export const playbookQuery = pageQuery;
export const runQuery = pageQuery.extend({ status: anyOf(RUN_STATUSES) });
export type RunQuery = z.infer<typeof runQuery>;
