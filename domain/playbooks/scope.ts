// Whether every variable that is read is declared in its scope and can ever have a value.
import type { CacaoPlaybook } from './cacao-schema.js';
import type { Report } from './commands.js';
import { ConditionError, parseCondition, variablesIn } from './condition.js';
import type { Plan, Step } from './plan.js';
import { GIVEN, referencesIn, textsOf } from './variables.js';

export function checkVariables(document: CacaoPlaybook, plan: Plan, report: Report): void {
  const global = document.playbook_variables ?? {};
  const given: readonly string[] = GIVEN;
  for (const name of Object.keys(global))
    if (given.includes(name)) report(`playbook_variables.${name}`, 'is given by the incident');
  const written = new Set(
    Object.values(plan.steps).flatMap((step) => (step.kind === 'action' ? step.out_args : [])),
  );
  for (const [id, { step_variables = {}, in_args = [], out_args = [] }] of Object.entries(
    document.workflow,
  )) {
    const step = plan.steps[id];
    if (!step) continue;
    const at = `workflow.${id}`;
    const known = (name: string): boolean =>
      given.includes(name) || step_variables[name] !== undefined || global[name] !== undefined;
    const read = [
      ...readsOf(step, at, report),
      ...in_args.map((name): [string, string] => [`${at}.in_args`, name]),
    ];
    for (const [field, name] of read) {
      if (!known(name)) report(field, `the variable ${name} is not defined`);
      else if (!hasValue(name)) report(field, `the variable ${name} never gets a value`);
    }
    for (const name of out_args) {
      const declared = step_variables[name] ?? global[name];
      if (declared === undefined) report(`${at}.out_args`, `the variable ${name} is not defined`);
      else if (declared.constant === true) report(`${at}.out_args`, `the variable ${name} is constant`);
    }
    function hasValue(name: string): boolean {
      const declared = step_variables[name] ?? global[name];
      return (
        given.includes(name) ||
        declared?.value !== undefined ||
        declared?.external === true ||
        written.has(name)
      );
    }
    for (const name of Object.keys(step_variables))
      if (step_variables[name]?.external === true)
        report(`${at}.step_variables.${name}`, 'only variables of the playbook are given at its start');
  }
}

function readsOf(step: Step, at: string, report: Report): [field: string, name: string][] {
  switch (step.kind) {
    case 'if':
    case 'while':
      return conditionReads(step.condition, `${at}.condition`, report);
    case 'switch':
      return [[`${at}.switch`, step.variable]];
    case 'action':
      return step.commands.flatMap((command, index) => {
        const field = `${at}.commands.${index}`;
        if (command.action === 'steampipe' && hasUnquoted(command.sql))
          report(field, 'a variable in SQL stands inside single quotes');
        return textsOf(command)
          .flatMap(referencesIn)
          .map((name): [string, string] => [field, name]);
      });
    default:
      return [];
  }
}

function conditionReads(condition: string, field: string, report: Report): [string, string][] {
  try {
    return variablesIn(parseCondition(condition)).map((name) => [field, name]);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    report(field, error.message);
    return [];
  }
}

/** Every second piece between quotes is a text of SQL. */
function hasUnquoted(sql: string): boolean {
  return sql.split("'").some((piece, index) => index % 2 === 0 && referencesIn(piece).length > 0);
}
