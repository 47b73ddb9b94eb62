// An incident as its workflow holds it, and what a change to it consists of. Pure.
import type { Clock, SlaPolicy } from './clocks.js';
import type { Obligation } from './obligations.js';
import type { IncidentSeverity, IncidentStatus, MoveKind, Phase, Resolution } from './rules.js';
import { isSlaKind, replace } from './sla.js';

/** What the row says too; instants are UTC milliseconds. */
export interface IncidentFields {
  phase: Phase;
  status: IncidentStatus;
  severity: IncidentSeverity;
  commander_id: string | null;
  assignee_id: string | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  closed_at: number | null;
  resolution: Resolution | null;
  /** A lowering from critical that a second person has yet to confirm. */
  pending_severity: IncidentSeverity | null;
  pending_severity_by: string | null;
  visit_no: number;
  /** When a person last did something; what an acknowledgement decays from. */
  active_at: number;
  /** When the assignee was asked whether anybody still works on it. */
  asked_at: number | null;
}

export interface IncidentState extends IncidentFields {
  /** Changes in the rows. Absent in histories from before they were counted. */
  revision?: number;
  policy: SlaPolicy;
  /** When its clocks began. */
  anchored_at: number;
  clocks: readonly Clock[];
  /** Attempts of kinds whose ended clocks are not carried along. */
  attempts?: Readonly<Record<string, number>>;
  /** Absent in histories from before there were any. */
  obligations?: readonly Obligation[];
}

export interface Entry {
  event_type: string;
  /** Ids, enums and numbers; the words are made where the names are. */
  data: Readonly<Record<string, string | number | boolean | null>>;
  /** Null: by the workflow itself. */
  actor_id: string | null;
}

export interface Change {
  at: number;
  set: Partial<IncidentFields>;
  /** A new visit to a phase. */
  visit: { kind: MoveKind; phase: Phase } | null;
  clocks: readonly Clock[];
  /** New, or as they are now. */
  obligations?: readonly Obligation[];
  entries: readonly Entry[];
  /** Thresholds to tell the ladder's audience of. */
  notices: readonly Notice[];
}

export interface Notice {
  event: string;
  clock_kind: string;
  percent: number;
  audience: readonly string[];
  late: boolean;
}

export interface Refusal {
  code: 'CONFLICT' | 'VALIDATION_ERROR' | 'FORBIDDEN';
  detail: string;
}

export interface Actor {
  actor_id: string;
  now: number;
  newId: () => string;
}

export const NOTHING: Pick<Change, 'set' | 'visit' | 'clocks' | 'entries' | 'notices'> = {
  set: {},
  visit: null,
  clocks: [],
  entries: [],
  notices: [],
};

/**
 * What is carried into a run: clocks that are open, and the last of each that severity gives its target. The rest has
 * ended and stays in its rows, or a long incident would outgrow what a payload may be.
 */
export function carry(clocks: readonly Clock[]): Required<Pick<IncidentState, 'clocks' | 'attempts'>> {
  const attempts: Record<string, number> = {};
  for (const { kind, attempt } of clocks) attempts[kind] = Math.max(attempt, attempts[kind] ?? 0);
  const carried = clocks.filter(
    ({ kind, attempt, ended_at }) => ended_at === null || (isSlaKind(kind) && attempt === attempts[kind]),
  );
  for (const { kind, attempt } of carried) if (attempt === attempts[kind]) delete attempts[kind];
  return { clocks: carried, attempts };
}

/** The number of the next clock of that kind. */
export function nextAttempt(
  { clocks, attempts }: Pick<IncidentState, 'clocks' | 'attempts'>,
  kind: string,
): number {
  const known = clocks.filter((clock) => clock.kind === kind).map(({ attempt }) => attempt);
  return Math.max(attempts?.[kind] ?? 0, 0, ...known) + 1;
}

/** The state after a change. */
export function apply(state: IncidentState, change: Change): IncidentState {
  return {
    ...state,
    ...change.set,
    revision: (state.revision ?? 0) + 1,
    clocks: replace(state.clocks, change.clocks),
    obligations: replace(state.obligations ?? [], change.obligations ?? []),
  };
}

/** Whatever a person does is activity. */
export function byPerson(change: Change): Change {
  return { ...change, set: { ...change.set, active_at: change.at, asked_at: null } };
}

export function merge(first: Change, second: Change): Change {
  return {
    at: second.at,
    set: { ...first.set, ...second.set },
    visit: second.visit ?? first.visit,
    clocks: replace(first.clocks, second.clocks),
    obligations: replace(first.obligations ?? [], second.obligations ?? []),
    entries: [...first.entries, ...second.entries],
    notices: [...first.notices, ...second.notices],
  };
}
