// The kinds of steps that the built-in playbooks are made of.
import type { Phase } from '../../../domain/incidents/rules.js';
import type { Authored } from './build.js';

type Action = Extract<Authored, { do: 'action' }>;
type More = Partial<Omit<Action, 'do' | 'commands' | 'phase' | 'next' | 'name'>>;

const HOUR = 3_600_000;

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * HOUR;
export const days = (count: number): number => count * 24 * HOUR;

/** A person does it; the run waits for that. */
export function person(phase: Phase, name: string, words: string, next: string, more: More = {}): Authored {
  return { do: 'action', name, phase, commands: [{ type: 'manual', command: words }], next, ...more };
}

/** A person finds something out; the answer is a variable that conditions read. */
export function decide(
  phase: Phase,
  name: string,
  words: string,
  out: string,
  next: string,
  more: More = {},
): Authored {
  return person(phase, name, words, next, { out: [out], blocking: true, ...more });
}

/** Work that has to be done, but that the next step need not wait for. */
export function todo(phase: Phase, name: string, words: string, next: string, more: More = {}): Authored {
  return {
    do: 'action',
    name,
    phase,
    commands: [{ type: 'x-grc-task', command: name, description: words }],
    next,
    ...more,
  };
}

/** The incident as it stands, kept with its hash. */
export function snapshot(phase: Phase, name: string, next: string): Authored {
  return {
    do: 'action',
    name,
    phase,
    commands: [{ type: 'x-grc-evidence', command: `${name}, __incident_ref__:value` }],
    next,
    continue_on_error: true,
  };
}

/** Asks the inventory; where there is none, people go on without. */
export function inventory(phase: Phase, name: string, sql: string, found: string, next: string): Authored {
  return {
    do: 'action',
    name,
    phase,
    commands: [{ type: 'x-grc-steampipe', command: sql }],
    timeout: minutes(10),
    out: [found],
    results: { [found]: 'counts.alarm' },
    next,
    continue_on_error: true,
  };
}

/** Somebody tells those people; the run goes on meanwhile. */
export function tell(phase: Phase, name: string, audience: string, words: string, next: string): Authored {
  return todo(phase, name, `To ${audience}: ${words}`, next, { owner: 'commander', due_ms: minutes(30) });
}

export const ZERO = { value: '0' };
