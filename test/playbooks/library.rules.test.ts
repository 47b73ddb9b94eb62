// The eight playbooks that ship: each can be run, and has what a responder needs.
import { expect, test } from 'vitest';
import { build, type AuthoredPlaybook } from '../../db/seeds/playbooks/build.js';
import { LIBRARY } from '../../db/seeds/playbooks/index.js';
import { cacaoPlaybook } from '../../domain/playbooks/cacao-schema.js';
import { compile } from '../../domain/playbooks/compile.js';
import type { Plan } from '../../domain/playbooks/plan.js';
import { play } from './play.js';

test('there are the eight of the contract', () => {
  expect(LIBRARY.map(({ slug }) => slug).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'data_breach', 'denial_of_service', 'insider_threat', 'malware', 'phishing', 'ransomware', 'unauthorized_access', 'vendor_breach',
  ]); // prettier-ignore
});

function planOf(authored: AuthoredPlaybook): Plan {
  const { plan, problems } = compile(cacaoPlaybook.parse(build(authored)));
  expect(problems).toEqual([]);
  if (!plan) throw new Error(authored.slug);
  return plan;
}

test.each(LIBRARY.map((authored) => [authored.slug, authored] as const))('%s', (_, authored) => {
  const steps = Object.values(planOf(authored).steps);
  const actions = steps.flatMap((step) => (step.kind === 'action' ? [step] : []));
  expect(actions.length).toBeGreaterThanOrEqual(10);
  expect(actions.length).toBeLessThanOrEqual(26);
  const phases = new Set(actions.map(({ phase }) => phase));
  for (const phase of ['detection', 'analysis', 'containment', 'eradication', 'recovery', 'post_incident'])
    expect(phases).toContain(phase);
  expect(steps.some(({ kind }) => kind === 'parallel')).toBe(true);
  expect(steps.some(({ kind }) => kind === 'if' || kind === 'switch')).toBe(true);
  const manual = actions.filter(({ action }) => action === 'manual');
  for (const step of manual) {
    expect(step.owner ?? step.team, step.name).not.toBeNull();
    expect(step.due_ms, step.name).not.toBeNull();
  }
  expect(manual.filter(({ evidence }) => evidence.length > 0).length).toBeGreaterThan(manual.length / 2);
  expect(manual.some(({ out_args }) => out_args.length > 0)).toBe(true);
  const names = actions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(play({ document: build(authored) }, () => true, { dry_run: true }).state.outcome).toBe('completed');
});
