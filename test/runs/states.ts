// The declared states of a run and the ways between them, written down apart from the product, and triggers that note
// what every commit leaves behind.
import type { AssessmentCommand } from '../../domain/assessments/rules.js';

/** What may be asked in which state; in any other state nothing may. */
export const LEGAL: Record<string, readonly AssessmentCommand[]> = {
  in_progress: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
};

/** Where a command that was obeyed leaves the run; one that goes on may also have ended before anybody looks. */
export const LEADS_TO: Record<AssessmentCommand, readonly string[]> = {
  pause: ['paused'],
  resume: ['in_progress', 'completed'],
  cancel: ['cancelled'],
};

/** Assessment and execution, as one commit leaves them. */
export const DECLARED = new Set([
  'in_progress/starting',
  'in_progress/running',
  'paused/paused',
  'paused/starting', // a resume that waits for the workflow's word
  'completed/completed',
  'cancelled/cancelled',
]);

/** Of an execution. */
export const MOVES = new Set([
  'starting>running',
  'starting>paused', // a pause that came before the first task
  'starting>cancelled',
  'running>paused',
  'running>completed',
  'running>cancelled',
  'paused>starting',
  'paused>cancelled',
]);

export const NOTES = `
  create table state_note (execution_id uuid, kind text, said text);
  create function note_pair() returns trigger language plpgsql security definer as $$ begin
    insert into state_note select e.id, 'pair', a.status || '/' || e.status
      from assessment a join assessment_execution e on e.org_id = a.org_id and e.id = a.execution_id
      where a.org_id = new.org_id and a.id = (to_jsonb(new) ->> tg_argv[0])::uuid;
    return null;
  end $$;
  create function note_move() returns trigger language plpgsql security definer as $$ begin
    insert into state_note values (new.id, 'move', old.status || '>' || new.status);
    return null;
  end $$;
  create constraint trigger pair_of_assessment after update on assessment
    deferrable initially deferred for each row execute function note_pair('id');
  create constraint trigger pair_of_execution after update on assessment_execution
    deferrable initially deferred for each row execute function note_pair('assessment_id');
  create trigger note_move after update on assessment_execution
    for each row when (old.status <> new.status) execute function note_move();`;
