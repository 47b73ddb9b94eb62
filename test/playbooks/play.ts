// Plays a plan through: each action ends as the test says, in the order it says.
import { advance, begin, type Effect, type RunState } from '../../domain/playbooks/interpreter.js';
import type { Variables } from '../../domain/playbooks/plan.js';
import { type BuiltPlaybook, planOf } from '../support/factories/playbook.js';

export type Outcome = boolean | Variables;

export interface Played {
  /** Names of the actions in the order in which they were begun; `name#2` the second time. */
  acts: string[];
  notes: string[];
  delays: number[];
  state: RunState;
}

/** @param pick which of those under way ends next */
export function play(
  playbook: Pick<BuiltPlaybook, 'document'>,
  outcome: (name: string, turn: number) => Outcome = () => true,
  {
    dry_run = false,
    given = {},
    pick = () => 0,
  }: { dry_run?: boolean; given?: Variables; pick?: (of: number) => number } = {},
): Played {
  const played: Omit<Played, 'state'> = { acts: [], notes: [], delays: [] };
  let { state, effects } = begin(planOf(playbook), given, dry_run);
  const waiting: Effect[] = [];
  const nameOf = (id: string) => state.plan.steps[id]?.name ?? id;
  for (;;) {
    for (const effect of effects) {
      if (effect.do === 'note') played.notes.push(`${nameOf(effect.step_id)}: ${effect.words}`);
      else waiting.push(effect);
      if (effect.do === 'delay') played.delays.push(effect.ms);
      if (effect.do === 'act')
        played.acts.push(nameOf(effect.step_id) + (effect.iteration > 1 ? `#${effect.iteration}` : ''));
    }
    const [next] = waiting.splice(pick(waiting.length), 1);
    if (!next) return { ...played, state };
    const { step_id, iteration } = next;
    if (next.do === 'delay') ({ state, effects } = advance(state, { type: 'delayed', step_id, iteration }));
    else {
      const said = outcome(nameOf(step_id), iteration);
      const settled = {
        ok: said !== false,
        outputs: typeof said === 'object' ? said : {},
        reason: 'it failed',
      };
      ({ state, effects } = advance(state, { type: 'settled', step_id, iteration, ...settled }));
    }
  }
}
