// Duties to report an incident: which event or submission starts them, and until when. Data, not advice. Pure.
import { addDays, addMonths, type BusinessCalendar } from './calendar.js';

export const NOTICE = 'decision aid, not legal advice';

/** Facts that a person establishes; each is the anchor of some duty. */
export const INCIDENT_EVENTS = [
  'awareness_confirmed',
  'significance_determined',
  'classified_major',
  'determined_material',
  'breach_discovered',
  'contract_clause_triggered',
] as const;
export type IncidentEvent = (typeof INCIDENT_EVENTS)[number];

export const DECISIONS = ['undecided', 'required', 'not_required'] as const;
export type Decision = (typeof DECISIONS)[number];

export type Anchor = { event: IncidentEvent } | { submission_of: string };
export type Unit = 'hours' | 'calendar_days' | 'business_days' | 'months';

export interface ObligationTemplate {
  code: string;
  regime: string;
  stage: string;
  anchor: Anchor;
  /** Null: the contract says it, so the event carries it. */
  amount: number | null;
  unit: Unit;
  /** Not later than so many hours after that event either, unless that lies before the anchor. */
  cap?: { event: IncidentEvent; hours: number };
  source: string;
  /** `check`: to be checked against the text that binds the organization. */
  trust: 'high' | 'check';
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const ALL_DAY = [0, 1440] as const;
/** Without public holidays: a deadline computed here is at most too early. */
const WEEKDAYS: BusinessCalendar = {
  zone: 'America/New_York',
  hours: [ALL_DAY, ALL_DAY, ALL_DAY, ALL_DAY, ALL_DAY, null, null],
  holidays: [],
};

const NIS2 = 'Directive (EU) 2022/2555, Art. 23(4)';
const DORA = 'Regulation (EU) 2022/2554, Art. 19; Delegated Regulation (EU) 2025/301, Art. 5';
const HIPAA = '45 CFR 164.404-410';
const significant = { event: 'significance_determined' } as const;
const discovered = { event: 'breach_discovered' } as const;

function row(
  code: string,
  [regime, stage]: readonly [string, string],
  anchor: Anchor,
  [amount, unit]: readonly [number | null, Unit],
  [source, trust]: readonly [string, ObligationTemplate['trust']],
  cap?: NonNullable<ObligationTemplate['cap']>,
): ObligationTemplate {
  return { code, regime, stage, anchor, amount, unit, source, trust, ...(cap && { cap }) };
}

export const OBLIGATION_TEMPLATES: readonly ObligationTemplate[] = [
  row('gdpr_33', ['GDPR', 'authority'], { event: 'awareness_confirmed' }, [72, 'hours'], ['Regulation (EU) 2016/679, Art. 33(1)', 'high']),
  row('uk_gdpr_33', ['UK GDPR', 'authority'], { event: 'awareness_confirmed' }, [72, 'hours'], ['UK GDPR, Art. 33(1)', 'check']),
  row('nis2_early_warning', ['NIS2', 'early_warning'], significant, [24, 'hours'], [`${NIS2}(a)`, 'high']),
  row('nis2_notification', ['NIS2', 'notification'], significant, [72, 'hours'], [`${NIS2}(b)`, 'high']),
  row('nis2_final', ['NIS2', 'final_report'], { submission_of: 'nis2_notification' }, [1, 'months'], [`${NIS2}(d)`, 'check']),
  row('dora_initial', ['DORA', 'initial'], { event: 'classified_major' }, [4, 'hours'], [DORA, 'check'], { event: 'awareness_confirmed', hours: 24 }),
  row('dora_intermediate', ['DORA', 'intermediate'], { submission_of: 'dora_initial' }, [72, 'hours'], [DORA, 'check']),
  row('dora_final', ['DORA', 'final'], { submission_of: 'dora_intermediate' }, [1, 'months'], [DORA, 'check']),
  row('sec_8k_105', ['SEC', 'form_8k'], { event: 'determined_material' }, [4, 'business_days'], ['Form 8-K, Item 1.05; General Instruction B.1', 'high']),
  row('hipaa_individuals', ['HIPAA', 'individuals'], discovered, [60, 'calendar_days'], [HIPAA, 'high']),
  row('hipaa_media', ['HIPAA', 'media'], discovered, [60, 'calendar_days'], [HIPAA, 'high']),
  row('hipaa_hhs', ['HIPAA', 'hhs'], discovered, [60, 'calendar_days'], [HIPAA, 'high']),
  row('contract_notice', ['contract', 'customer'], { event: 'contract_clause_triggered' }, [null, 'hours'], ['the contract itself', 'check']),
]; // prettier-ignore

export function templateOf(code: string): ObligationTemplate | undefined {
  return OBLIGATION_TEMPLATES.find((template) => template.code === code);
}

/** One duty of one incident; instants are UTC milliseconds. The words about it stay in its row. */
export interface Obligation {
  id: string;
  code: string;
  regime: string;
  stage: string;
  /** An event, or `submission_of:<code>`. */
  anchor_event: string;
  anchored_at: number;
  due_at: number;
  decision: Decision;
  decided_by: string | null;
  submitted_at: number | null;
  submitted_by: string | null;
  receipt_sha256: string | null;
  waived_at: number | null;
  waived_by: string | null;
}

/** Counts down as long as nobody has said that it need not be reported: undecided is the worst case. */
export function isRunning({ decision, submitted_at, waived_at }: Obligation): boolean {
  return decision !== 'not_required' && submitted_at === null && waived_at === null;
}

export function deadline(unit: Unit, from: number, amount: number): number {
  switch (unit) {
    case 'hours':
      return from + amount * HOUR_MS;
    case 'calendar_days':
      return from + amount * DAY_MS;
    case 'business_days':
      return addDays(WEEKDAYS, from, amount);
    case 'months':
      return addMonths(from, amount);
  }
}

export interface Happening {
  anchor: Anchor;
  at: number;
  /** For what a contract sets. */
  notice_hours?: number | null;
  /** By code, what the policy has decided; the rest is undecided. */
  applies?: Verdicts | undefined;
}

export type Verdicts = Readonly<Record<string, Decision>>;

/** What an event or a submission starts, given what is known of the incident already. */
export function startedBy(
  happening: Happening,
  known: readonly Obligation[],
  newId: () => string,
): Obligation[] {
  const { anchor, at, notice_hours, applies = {} } = happening;
  const anchor_event = anchorName(anchor);
  return OBLIGATION_TEMPLATES.filter((template) => anchorName(template.anchor) === anchor_event).flatMap(
    (template) => {
      const { code, regime, stage, unit } = template;
      const amount = template.amount ?? notice_hours ?? null;
      if (amount === null) return [];
      const started: Obligation = {
        id: newId(),
        code,
        regime,
        stage,
        anchor_event,
        anchored_at: at,
        due_at: deadline(unit, at, amount),
        decision: applies[code] ?? 'undecided',
        decided_by: null,
        submitted_at: null,
        submitted_by: null,
        receipt_sha256: null,
        waived_at: null,
        waived_by: null,
      };
      const capped = known.find((one) => one.anchor_event === template.cap?.event);
      return [capped ? tighten(started, capped.anchor_event, capped.anchored_at) : started];
    },
  );
}

/** The same duty, due sooner where its template counts from this event too. */
export function tighten(obligation: Obligation, event: string, at: number): Obligation {
  const cap = templateOf(obligation.code)?.cap;
  if (!cap || cap.event !== event) return obligation;
  const latest = at + cap.hours * HOUR_MS;
  return latest >= obligation.anchored_at && latest < obligation.due_at
    ? { ...obligation, due_at: latest }
    : obligation;
}

export function anchorName(anchor: Anchor): string {
  return 'event' in anchor ? anchor.event : `submission_of:${anchor.submission_of}`;
}

/** A contract's clause may come into play once per contract, everything else once per incident. */
export function isRepeatable(event: IncidentEvent): boolean {
  return event === 'contract_clause_triggered';
}
