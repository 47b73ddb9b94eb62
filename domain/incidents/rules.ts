// The phase machine of an incident (NIST SP 800-61, with the CSF 2.0 function beside each phase). Pure.

export const PHASES = [
  'detection',
  'analysis',
  'containment',
  'eradication',
  'recovery',
  'post_incident',
] as const;
export type Phase = (typeof PHASES)[number];

export const INCIDENT_STATUSES = ['open', 'investigating', 'contained', 'resolved', 'closed'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Heaviest first. */
export const INCIDENT_SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type IncidentSeverity = (typeof INCIDENT_SEVERITIES)[number];

export const INCIDENT_CATEGORIES = [
  'malicious_code',
  'unauthorized_access',
  'data_breach',
  'denial_of_service',
  'phishing',
  'insider_threat',
  'physical',
  'other',
] as const;

/** NIST CSF 2.0 function or category that each phase belongs to, so that the record reads under both. */
export const CSF_FUNCTION: Readonly<Record<Phase, string>> = {
  detection: 'DE',
  analysis: 'RS',
  containment: 'RS',
  eradication: 'RS',
  recovery: 'RC',
  post_incident: 'ID.IM',
};

export type MoveKind = 'forward' | 'skip' | 'backward' | 'reopen';

/** From, to, and what kind of move that is; what is not here is not allowed. */
const MOVES: Readonly<Record<Phase, Readonly<Partial<Record<Phase, MoveKind>>>>> = {
  detection: { analysis: 'forward', containment: 'skip', post_incident: 'skip' },
  analysis: { containment: 'forward', eradication: 'skip', recovery: 'skip', post_incident: 'skip' },
  containment: { analysis: 'backward', eradication: 'forward', recovery: 'skip' },
  eradication: { analysis: 'backward', containment: 'backward', recovery: 'forward' },
  recovery: {
    analysis: 'backward',
    containment: 'backward',
    eradication: 'backward',
    post_incident: 'forward',
  },
  post_incident: { analysis: 'reopen', containment: 'reopen' },
};

export function moveKind(from: Phase, to: Phase): MoveKind | undefined {
  return MOVES[from][to];
}

export function allowedMoves(from: Phase): Phase[] {
  return PHASES.filter((to) => MOVES[from][to] !== undefined);
}

/** Every move but the plain one forward has to say why. */
export function needsReason(kind: MoveKind): boolean {
  return kind !== 'forward';
}

/** Why a move is refused in this phase, or undefined. */
export function moveRefusal(from: Phase, to: Phase): string | undefined {
  if (moveKind(from, to) !== undefined) return undefined;
  return `an incident in ${from} cannot move to ${to}; allowed: ${allowedMoves(from).join(', ')}`;
}

/** The status that follows from where the incident is; closing is an act of its own. */
export function statusAfterMove(to: Phase, kind: MoveKind): IncidentStatus {
  if (kind === 'reopen') return 'investigating';
  switch (to) {
    case 'detection':
      return 'open';
    case 'analysis':
    case 'containment':
      return 'investigating';
    case 'eradication':
    case 'recovery':
      return 'contained';
    case 'post_incident':
      return 'resolved';
  }
}

export const RESOLUTIONS = ['resolved', 'false_positive', 'duplicate'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** How long after its closing an incident may be reopened, in days. */
export const REOPEN_WINDOW_DAYS = 14;

/** What guards look at; read in the transaction that decides. */
export interface GuardFacts {
  severity: IncidentSeverity;
  has_commander: boolean;
  /** Containment tasks that are done or waived. */
  containment_actions: number;
  open_blocking_tasks: number;
  clean_confirmations: number;
  undecided_obligations: number;
  review_filed: boolean;
  resolution: Resolution;
}

export interface GuardWarning {
  guard: string;
  detail: string;
  /** In strict mode: the commander may override it by a reason, in `notes`. */
  overridable: boolean;
}

/** What speaks against a move. A warning by default, a refusal where the organization has strict guards. */
export function moveWarnings(from: Phase, to: Phase, facts: GuardFacts): GuardWarning[] {
  const kind = moveKind(from, to);
  const warnings: GuardWarning[] = [];
  const warn = (guard: string, detail: string, overridable: boolean): void => {
    warnings.push({ guard, detail, overridable });
  };
  const forward = kind === 'forward' || kind === 'skip';
  if (from === 'detection' && isGrave(facts.severity) && !facts.has_commander)
    warn('commander_set', `a ${facts.severity} incident has no commander`, false);
  if (from === 'containment' && to === 'eradication' && facts.containment_actions === 0)
    warn('containment_action', 'no containment action is done or waived', true);
  if (forward && facts.open_blocking_tasks > 0)
    warn('blocking_tasks', `${facts.open_blocking_tasks} blocking task(s) are open`, true);
  const confirmations = facts.severity === 'critical' ? 2 : 1;
  if (from === 'eradication' && to === 'recovery' && facts.clean_confirmations < confirmations)
    warn(
      'systems_clean',
      `affected systems are confirmed clean by ${facts.clean_confirmations} of ${confirmations}`,
      true,
    );
  if (from === 'recovery' && to === 'post_incident' && facts.undecided_obligations > 0)
    warn(
      'obligations_decided',
      `${facts.undecided_obligations} regulatory obligation(s) are undecided`,
      false,
    );
  return warnings;
}

/** What speaks against closing. */
export function closeWarnings(facts: GuardFacts): GuardWarning[] {
  if (facts.review_filed || facts.resolution !== 'resolved') return [];
  return [{ guard: 'review_filed', detail: 'the post-incident review is not filed', overridable: false }];
}

/** The warnings that strict guards turn into a refusal: all, but those the commander overrides by a reason. */
export function blocking(warnings: readonly GuardWarning[], overriding: boolean): GuardWarning[] {
  return warnings.filter((warning) => !(overriding && warning.overridable));
}

function isGrave(severity: IncidentSeverity): boolean {
  return severity === 'critical' || severity === 'high';
}

/** Positive when `to` is heavier than `from`. */
export function severityStep(from: IncidentSeverity, to: IncidentSeverity): number {
  return INCIDENT_SEVERITIES.indexOf(from) - INCIDENT_SEVERITIES.indexOf(to);
}

/** A second person has to agree before a critical incident is called less. */
export function needsConfirmation(from: IncidentSeverity, to: IncidentSeverity): boolean {
  return from === 'critical' && severityStep(from, to) < 0;
}
