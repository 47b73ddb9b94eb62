// From a compact way of writing to a CACAO document. Ids come from names, so a playbook keeps them when it is edited.
import { createHash } from 'node:crypto';
import {
  type CacaoCommand,
  type CacaoPlaybook,
  type CacaoStep,
  EXTENSION_ID,
  type StepExtension,
} from '../../../domain/playbooks/cacao-schema.js';

interface Flow {
  name?: string;
  description?: string;
  /** Key of the step that follows; `end` ends the branch. */
  next?: string;
  /** Instead of the block's failure. */
  failure?: string;
  delay?: number;
  variables?: Record<string, { value?: string }>;
}

type Extension = Omit<StepExtension, 'compensate_step' | 'evidence_before' | 'approval'> & {
  /** Key of the step that undoes this one. */
  undo?: string;
  /** Key of the step that keeps evidence before this one is done. */
  kept?: string;
  approval?: Partial<NonNullable<StepExtension['approval']>>;
};

export type Authored =
  | ({ do: 'action'; commands: CacaoCommand[]; targets?: string[]; timeout?: number; out?: string[] } & Flow &
      Extension)
  | ({ do: 'parallel'; branches: string[] } & Flow)
  | ({ do: 'if'; condition: string; yes: string; no?: string } & Flow)
  | ({ do: 'while'; condition: string; body: string; max?: number } & Flow)
  | ({ do: 'switch'; on: string; cases: Record<string, string> } & Flow);

export interface AuthoredPlaybook {
  slug: string;
  name: string;
  description: string;
  types?: string[];
  activities?: string[];
  severity?: number;
  /** Name -> first value; null: given when it is started. */
  variables?: Record<string, { description?: string; value: string | null }>;
  targets?: Record<string, string>;
  rollback_on_failure?: boolean;
  first: string;
  exception?: string;
  steps: Record<string, Authored>;
}

const AUTHOR = 'identity--5a1d3f0e-2b7c-4c55-9d0a-6f1e8b2c4d90';
const WRITTEN = '2026-11-24T00:00:00Z';
const TYPE = {
  action: 'action',
  parallel: 'parallel',
  if: 'if-condition',
  while: 'while-condition',
  switch: 'switch-condition',
} as const;

export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) % 4) + 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The id that a step of an authored playbook has. */
export function stepIdOf({ slug, steps }: Pick<AuthoredPlaybook, 'slug' | 'steps'>, key: string): string {
  const step = steps[key];
  if (!step) throw new Error(`${slug}: no step ${key}`);
  return `${TYPE[step.do]}--${uuidOf(`${slug}/${key}`)}`;
}

export function build(authored: AuthoredPlaybook): CacaoPlaybook {
  const { slug, steps, first } = authored;
  const workflow: Record<string, CacaoStep> = {};
  const goal = (key: string, from: string): string => {
    if (key !== 'end') return stepIdOf(authored, key);
    const id = `end--${uuidOf(`${slug}/${from}/end`)}`;
    workflow[id] = { type: 'end' };
    return id;
  };
  const start = `start--${uuidOf(`${slug}/start`)}`;
  workflow[start] = { type: 'start', on_completion: goal(first, 'start') };
  for (const [key, step] of Object.entries(steps))
    workflow[stepIdOf(authored, key)] = stepOf(step, key, (target, from = key) => goal(target, from), slug);
  const targets = Object.entries(authored.targets ?? {}).map(([name, url]): [string, object] => [
    targetId(slug, name),
    { type: 'http-api', name, address: { url: [url] } },
  ]);
  return {
    type: 'playbook',
    spec_version: 'cacao-2.0',
    id: `playbook--${uuidOf(slug)}`,
    name: authored.name,
    description: authored.description,
    playbook_types: authored.types ?? ['remediation'],
    ...(authored.activities && { playbook_activities: authored.activities }),
    ...(authored.severity !== undefined && { severity: authored.severity }),
    created_by: AUTHOR,
    created: WRITTEN,
    modified: WRITTEN,
    playbook_variables: variablesOf(authored.variables ?? {}),
    workflow_start: start,
    ...(authored.exception !== undefined && { workflow_exception: goal(authored.exception, 'exception') }),
    workflow,
    playbook_extensions: { [EXTENSION_ID]: { rollback_on_failure: authored.rollback_on_failure ?? false } },
    ...(targets.length > 0 && {
      target_definitions: Object.fromEntries(
        targets.map(([id, target]) => [id, { type: 'http-api', name: id, ...target }]),
      ),
    }),
  };
}

function targetId(slug: string, name: string): string {
  return `target--${uuidOf(`${slug}/target/${name}`)}`;
}

function variablesOf(
  variables: NonNullable<AuthoredPlaybook['variables']>,
): NonNullable<CacaoPlaybook['playbook_variables']> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { value, description }]) => [
      name,
      {
        type: 'string',
        ...(description !== undefined && { description }),
        ...(value === null ? { external: true } : { value }),
      },
    ]),
  );
}

function stepOf(
  step: Authored,
  key: string,
  goal: (target: string, from?: string) => string,
  slug: string,
): CacaoStep {
  const { next = 'end', failure, delay, description, variables } = step;
  const common = {
    type: TYPE[step.do],
    name: step.name ?? key,
    ...(description !== undefined && { description }),
    ...(delay !== undefined && { delay }),
    ...(variables && {
      step_variables: Object.fromEntries(
        Object.entries(variables).map(([name, { value }]) => [
          name,
          { type: 'string', ...(value !== undefined && { value }) },
        ]),
      ),
    }),
    ...(failure === undefined
      ? { on_completion: goal(next) }
      : { on_success: goal(next), on_failure: goal(failure, `${key}/failure`) }),
  };
  switch (step.do) {
    case 'parallel':
      return { ...common, next_steps: step.branches.map((branch) => goal(branch)) };
    case 'if':
      return {
        ...common,
        condition: step.condition,
        on_true: goal(step.yes, `${key}/yes`),
        ...(step.no !== undefined && { on_false: goal(step.no, `${key}/no`) }),
      };
    case 'while':
      return {
        ...common,
        condition: step.condition,
        on_true: goal(step.body, `${key}/body`),
        ...(step.max !== undefined && { step_extensions: { [EXTENSION_ID]: { max_iterations: step.max } } }),
      };
    case 'switch':
      return {
        ...common,
        switch: `${step.on}:value`,
        cases: Object.fromEntries(
          Object.entries(step.cases).map(([word, target]) => [word, goal(target, `${key}/${word}`)]),
        ),
      };
    case 'action': {
      const { commands, targets, timeout, out, undo, kept } = step;
      const extension = {
        ...extensionOf(step),
        ...(undo !== undefined && { compensate_step: goal(undo) }),
        ...(kept !== undefined && { evidence_before: goal(kept) }),
      };
      return {
        ...common,
        commands,
        ...(targets && { targets: targets.map((name) => targetId(slug, name)) }),
        ...(timeout !== undefined && { timeout }),
        ...(out && { out_args: out }),
        ...(Object.keys(extension).length > 0 && { step_extensions: { [EXTENSION_ID]: extension } }),
      };
    }
  }
}

const EXTENSION_FIELDS: readonly string[] = [
  'phase',
  'owner',
  'team',
  'evidence',
  'blocking',
  'due_ms',
  'risk_class',
  'approval',
  'idempotent',
  'continue_on_error',
  'results',
];

function extensionOf(step: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(step).filter(([key]) => EXTENSION_FIELDS.includes(key)));
}
