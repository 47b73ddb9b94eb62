// Whether steps can be walked: everything exists, is reached, ends, and belongs to one branch only.
import type { Report } from './commands.js';
import type { Plan, Step } from './plan.js';

/** A stretch of steps that ends at an end step: the main one, a branch, the body of a loop. */
interface Region {
  name: string;
  /** The loop whose body it is: going back to it ends a turn. */
  loop: string | null;
}

interface Walk {
  plan: Plan;
  report: Report;
  /** Step -> the region it belongs to. */
  owner: Map<string, string>;
  /** On the way to where the walk is now, within and around its region. */
  path: Set<string>;
}

export function checkGraph(plan: Plan, report: Report): void {
  for (const step of Object.values(plan.steps))
    for (const [field, target] of targetsOf(step))
      if (plan.steps[target] === undefined) report(`workflow.${step.id}.${field}`, `no such step: ${target}`);
      else if (plan.steps[target].kind === 'start')
        report(`workflow.${step.id}.${field}`, 'nothing leads back to a start');
  if (plan.steps[plan.start]?.kind !== 'start')
    return report('workflow_start', `no such start step: ${plan.start}`);
  if (plan.exception !== null && plan.steps[plan.exception] === undefined)
    return report('workflow_exception', `no such step: ${plan.exception}`);
  for (const step of Object.values(plan.steps)) {
    checkCompensation(plan, step, report);
    checkEvidence(plan, step, report);
  }

  const walk: Walk = { plan, report, owner: new Map(), path: new Set() };
  visit(walk, plan.start, { name: 'the main workflow', loop: null }, 'workflow_start');
  if (plan.exception !== null)
    visit(walk, plan.exception, { name: 'the exception workflow', loop: null }, 'workflow_exception');
  for (const step of Object.values(plan.steps))
    if (step.kind === 'action' && step.compensate_step !== null)
      visit(
        walk,
        step.compensate_step,
        { name: `the undoing ${step.compensate_step}`, loop: null },
        `workflow.${step.id}`,
      );
  for (const id of Object.keys(plan.steps))
    if (!walk.owner.has(id)) report(`workflow.${id}`, 'is never reached');
}

function targetsOf(step: Step): [field: string, target: string][] {
  if (step.kind === 'end') return [];
  const named: [string, string | null][] = [
    ['on_success', step.on_success],
    ['on_failure', step.on_failure],
    ...inner(step).map(({ field, entry }): [string, string] => [field, entry]),
  ];
  return named.flatMap(([field, target]): [string, string][] => (target === null ? [] : [[field, target]]));
}

interface Inner {
  field: string;
  entry: string;
  region: Region;
}

/** Branches of a block. Those of which one is taken may share steps; those that run side by side may not. */
function inner(step: Step): Inner[] {
  const one: Region = { name: `${step.id}`, loop: null };
  switch (step.kind) {
    case 'parallel':
      return step.branches.map((entry, index) => ({
        field: `next_steps.${index}`,
        entry,
        region: { name: `branch ${index + 1} of ${step.id}`, loop: null },
      }));
    case 'if':
      return [
        { field: 'on_true', entry: step.on_true, region: one },
        ...(step.on_false === null ? [] : [{ field: 'on_false', entry: step.on_false, region: one }]),
      ];
    case 'while':
      return [{ field: 'on_true', entry: step.on_true, region: { ...one, loop: step.id } }];
    case 'switch':
      return Object.entries(step.cases).map(([word, entry]) => ({
        field: `cases.${word}`,
        entry,
        region: one,
      }));
    default:
      return [];
  }
}

function visit(walk: Walk, id: string, region: Region, from: string): void {
  const step = walk.plan.steps[id];
  if (!step || id === region.loop) return;
  if (step.kind === 'end') {
    walk.owner.set(id, region.name);
    return;
  }
  if (walk.path.has(id))
    return walk.report(from, `goes round in a circle to ${id}; only while-condition repeats`);
  const owner = walk.owner.get(id);
  if (owner !== undefined) {
    if (owner !== region.name)
      walk.report(from, `${id} belongs to ${owner} already and cannot be part of ${region.name}`);
    return;
  }
  walk.owner.set(id, region.name);
  walk.path.add(id);
  for (const { field, entry, region: branch } of inner(step))
    visit(walk, entry, branch, `workflow.${id}.${field}`);
  for (const [field, target] of [
    ['on_success', step.on_success],
    ['on_failure', step.on_failure],
  ])
    if (target !== null && target !== undefined) visit(walk, target, region, `workflow.${id}.${field}`);
  walk.path.delete(id);
}

function checkCompensation(plan: Plan, step: Step, report: Report): void {
  if (step.kind !== 'action' || step.compensate_step === null) return;
  const undo = plan.steps[step.compensate_step];
  const field = `workflow.${step.id}.compensate_step`;
  if (undo?.kind !== 'action') return report(field, 'must be an action step');
  const next = undo.on_success === null ? undefined : plan.steps[undo.on_success];
  if (next?.kind !== 'end' || undo.compensate_step !== null)
    report(field, 'must be one action that is followed by an end and undoes nothing itself');
}

function checkEvidence(plan: Plan, step: Step, report: Report): void {
  if (step.kind !== 'action' || step.evidence_before === undefined) return;
  const kept = plan.steps[step.evidence_before];
  if (kept?.kind !== 'action' || kept.action !== 'evidence')
    report(`workflow.${step.id}.evidence_before`, 'must be a step that keeps evidence');
}
