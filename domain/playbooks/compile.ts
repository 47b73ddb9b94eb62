// From a CACAO document to a plan that can be run, or every reason why it cannot. Nothing is skipped silently.
import {
  type CacaoPlaybook,
  type CacaoStep,
  EXTENSION_ID,
  playbookExtension,
  stepExtension,
} from './cacao-schema.js';
import { commandsOf, type Report } from './commands.js';
import { checkGraph } from './graph.js';
import type { ActionStep, Plan, Problem, Step, Variables } from './plan.js';
import { type ActionName, isRiskier, leastRisk, type RiskClass } from './rules.js';
import { checkVariables } from './scope.js';

export type Compiled = { plan: Plan; problems: [] } | { plan: null; problems: Problem[] };

/** Bodies of loops that say nothing of their own bound. */
const DEFAULT_ITERATIONS = 20;
const FLOW = ['on_completion', 'on_success', 'on_failure'] as const;
const COMMON = [
  'type',
  'name',
  'description',
  'external_references',
  'delay',
  'step_variables',
  'owner',
  'step_extensions',
];
/** What each type may carry beside the common ones; anything else would be ignored, so it is refused. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  start: ['on_completion'],
  end: [],
  action: [...FLOW, 'timeout', 'commands', 'agent', 'targets', 'in_args', 'out_args'],
  parallel: [...FLOW, 'next_steps'],
  'if-condition': [...FLOW, 'condition', 'on_true', 'on_false'],
  'while-condition': [...FLOW, 'condition', 'on_true'],
  'switch-condition': [...FLOW, 'switch', 'cases'],
};

export function compile(document: CacaoPlaybook): Compiled {
  const problems: Problem[] = [];
  const report: Report = (field, detail) => void problems.push({ field, detail });
  if (document.revoked === true) report('revoked', 'a revoked playbook is not run');
  if (Object.keys(document.authentication_info_definitions ?? {}).length > 0)
    report('authentication_info_definitions', 'credentials are not kept in playbooks');
  const { [EXTENSION_ID]: ours = {}, ...others } = document.playbook_extensions ?? {};
  for (const id of Object.keys(others))
    report(`playbook_extensions.${id}`, 'is an extension that is not known');
  const extension = playbookExtension.safeParse(ours);
  if (!extension.success) report(`playbook_extensions.${EXTENSION_ID}`, first(extension.error));
  const steps: Record<string, Step> = {};
  for (const [id, step] of Object.entries(document.workflow)) {
    const made = stepOf(id, step, document, report);
    if (made) steps[id] = made;
  }
  const plan: Plan = {
    start: document.workflow_start,
    exception: document.workflow_exception ?? null,
    rollback_on_failure: extension.data?.rollback_on_failure ?? false,
    variables: valuesOf(document.playbook_variables),
    external: Object.entries(document.playbook_variables ?? {})
      .filter(([, { external }]) => external === true)
      .map(([name]) => name),
    steps,
  };
  // the graph of steps that are wrong in themselves says nothing new
  if (problems.length === 0) checkGraph(plan, report);
  if (problems.length === 0) checkVariables(document, plan, report);
  return problems.length === 0 ? { plan, problems: [] } : { plan: null, problems };
}

function first(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  return error.issues
    .map(({ path, message }) => `${path.join('.')}: ${message}`.replace(/^: /, ''))
    .join('; ');
}

function valuesOf(declared: CacaoStep['step_variables']): Variables {
  return Object.fromEntries(Object.entries(declared ?? {}).map(([name, { value }]) => [name, value ?? '']));
}

function stepOf(id: string, step: CacaoStep, document: CacaoPlaybook, report: Report): Step | undefined {
  const at = `workflow.${id}`;
  const allowed = PROPERTIES[step.type];
  if (allowed === undefined) {
    report(`${at}.type`, `cannot run steps of type ${step.type}: ${Object.keys(PROPERTIES).join(', ')}`);
    return undefined;
  }
  if (!id.startsWith(`${step.type}--`))
    report(at, `the id of a step of type ${step.type} begins with ${step.type}--`);
  for (const name of Object.keys(step))
    if (!COMMON.includes(name) && !allowed.includes(name))
      report(`${at}.${name}`, `a step of type ${step.type} cannot have it`);
  const { [EXTENSION_ID]: ours = {}, ...others } = step.step_extensions ?? {};
  for (const other of Object.keys(others))
    report(`${at}.step_extensions.${other}`, 'is an extension that is not known');
  const extension = stepExtension.safeParse(ours);
  if (!extension.success) {
    report(`${at}.step_extensions.${EXTENSION_ID}`, first(extension.error));
    return undefined;
  }
  const name = step.name ?? id;
  if (step.type === 'end') return { kind: 'end', id, name, delay_ms: 0 };
  const common = {
    id,
    name,
    delay_ms: step.delay ?? 0,
    variables: valuesOf(step.step_variables),
    ...flowOf(step, extension.data.continue_on_error === true, at, report),
  };
  const need = <T>(value: T | undefined, field: string): value is T => {
    if (value === undefined) report(`${at}.${field}`, `a step of type ${step.type} needs it`);
    return value !== undefined;
  };
  switch (step.type) {
    case 'start':
      return { kind: 'start', ...common };
    case 'parallel':
      if ((step.next_steps?.length ?? 0) < 2)
        report(`${at}.next_steps`, 'a parallel step has at least two branches');
      return { kind: 'parallel', ...common, branches: step.next_steps ?? [] };
    case 'if-condition':
      if (!need(step.condition, 'condition') || !need(step.on_true, 'on_true')) return undefined;
      return {
        kind: 'if',
        ...common,
        condition: step.condition,
        on_true: step.on_true,
        on_false: step.on_false ?? null,
      };
    case 'while-condition': {
      if (!need(step.condition, 'condition') || !need(step.on_true, 'on_true')) return undefined;
      const { max_iterations = DEFAULT_ITERATIONS } = extension.data;
      return { kind: 'while', ...common, condition: step.condition, on_true: step.on_true, max_iterations };
    }
    case 'switch-condition': {
      if (!need(step.switch, 'switch') || !need(step.cases, 'cases')) return undefined;
      const variable = /^(__[A-Za-z0-9_-]+__):value$/.exec(step.switch)?.[1];
      if (variable === undefined) report(`${at}.switch`, 'must be a variable such as __kind__:value');
      if (Object.keys(step.cases).length === 0) report(`${at}.cases`, 'has no case');
      return { kind: 'switch', ...common, variable: variable ?? '', cases: step.cases };
    }
    default:
      return actionOf(
        step,
        { ...common, id, name },
        extension.data,
        commandsOf(step, document, at, report),
        at,
        report,
      );
  }
}

function flowOf(
  step: CacaoStep,
  continues: boolean,
  at: string,
  report: Report,
): { on_success: string | null; on_failure: string | null } {
  const { on_completion, on_success, on_failure } = step;
  if (on_completion !== undefined && (on_success ?? on_failure) !== undefined)
    report(`${at}.on_completion`, 'goes without on_success and on_failure');
  const next = on_completion ?? on_success;
  if (next === undefined) report(`${at}.on_completion`, 'is missing: nothing says where it goes on');
  if (continues && on_failure !== undefined) report(`${at}.on_failure`, 'contradicts continue_on_error');
  return { on_success: next ?? null, on_failure: on_failure ?? (continues ? (next ?? null) : null) };
}

const WEIGHT: readonly ActionName[] = ['manual', 'steampipe', 'evidence', 'task', 'notify', 'http'];

function actionOf(
  step: CacaoStep,
  common: Pick<ActionStep, 'id' | 'name' | 'delay_ms' | 'variables' | 'on_success' | 'on_failure'>,
  extension: ReturnType<typeof stepExtension.parse>,
  commands: ActionStep['commands'],
  at: string,
  report: Report,
): ActionStep {
  const actions = commands.map(({ action }) => action);
  if (step.commands === undefined) report(`${at}.commands`, 'an action has at least one command');
  if (new Set(actions.map((action) => action === 'manual')).size > 1)
    report(`${at}.commands`, 'manual and automated commands go into steps of their own');
  const action = WEIGHT.findLast((each) => actions.includes(each)) ?? 'manual';
  const least = actions.map(leastRisk).reduce<RiskClass>((a, b) => (isRiskier(b, a) ? b : a), 'read');
  const reads = commands.every((each) => each.action !== 'http' || ['GET', 'HEAD'].includes(each.method));
  const floor = action === 'http' && reads ? 'read' : least;
  const { risk_class = floor } = extension;
  if (isRiskier(floor, risk_class))
    report(
      `${at}.step_extensions.${EXTENSION_ID}.risk_class`,
      `${risk_class} understates what is at least ${floor}`,
    );
  if (Object.keys(extension.results ?? {}).some((name) => !step.out_args?.includes(name)))
    report(`${at}.out_args`, 'must name every variable of results');
  return {
    kind: 'action',
    ...common,
    description: step.description ?? '',
    commands,
    action,
    risk_class,
    timeout_ms: step.timeout === undefined || step.timeout === 0 ? null : step.timeout,
    phase: extension.phase ?? null,
    owner: extension.owner ?? null,
    team: extension.team ?? null,
    evidence: extension.evidence ?? [],
    blocking: extension.blocking ?? false,
    due_ms: extension.due_ms ?? null,
    approval: extension.approval
      ? {
          min: extension.approval.min,
          timeout_ms: extension.approval.timeout,
          on_timeout: extension.approval.on_timeout,
          roles: extension.approval.roles,
        }
      : null,
    compensate_step: extension.compensate_step ?? null,
    ...(extension.evidence_before !== undefined && { evidence_before: extension.evidence_before }),
    idempotent: extension.idempotent ?? (action !== 'http' || reads),
    out_args: step.out_args ?? [],
    results: extension.results ?? {},
  };
}
