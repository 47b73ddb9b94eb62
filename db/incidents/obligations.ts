import type { Knex } from 'knex';
import { NOTICE, type Obligation, templateOf } from '../../domain/incidents/obligations.js';
import type { ObligationView } from '../../domain/incidents/obligation-schema.js';
import type { Change } from '../../domain/incidents/state.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { iso } from './repository.js';

const FIXED = ['id', 'code', 'regime', 'stage', 'anchor_event', 'anchored_at'] as const;
const MUTABLE = [
  'due_at',
  'decision',
  'decided_by',
  'submitted_at',
  'submitted_by',
  'receipt_sha256',
  'waived_at',
  'waived_by',
] as const;
const WORDS = ['reason', 'receipt_name', 'waived_reason'] as const;

export type WordedObligation = Omit<ObligationView, 'source' | 'trust' | 'notice'>;

/** With the words of those who decided. */
export function wordedObligations(trx: TenantReader, incident_id: string): Knex.QueryBuilder {
  return select(trx, incident_id, WORDS);
}

export function toObligationView(row: WordedObligation): ObligationView {
  const template = templateOf(row.code);
  return { ...row, source: template?.source ?? null, trust: template?.trust ?? 'check', notice: NOTICE };
}

/** As the workflow counts them. */
export async function readObligations(trx: TenantDb, incident_id: string): Promise<Obligation[]> {
  const rows: StoredObligation[] = await obligationsOf(trx, incident_id);
  return rows.map(toObligation);
}

export type StoredObligation = Pick<WordedObligation, (typeof FIXED | typeof MUTABLE)[number]>;

export function obligationsOf(trx: TenantReader, incident_id: string): Knex.QueryBuilder {
  return select(trx, incident_id, []);
}

export function toObligation(row: StoredObligation): Obligation {
  return {
    ...row,
    anchored_at: Date.parse(row.anchored_at),
    due_at: Date.parse(row.due_at),
    submitted_at: row.submitted_at === null ? null : Date.parse(row.submitted_at),
    waived_at: row.waived_at === null ? null : Date.parse(row.waived_at),
  };
}

function select(trx: TenantReader, incident_id: string, words: readonly string[]) {
  return trx('incident_obligation')
    .where({ incident_id })
    .select(...FIXED, ...MUTABLE, ...words)
    .orderBy('id');
}

/** What the words of a command are, by what it did. */
const WORDS_OF: Readonly<Record<string, (typeof WORDS)[number]>> = {
  obligation_decided: 'reason',
  obligation_submitted: 'receipt_name',
  obligation_waived: 'waived_reason',
};

/** @param note words of whoever asked for the change: histories hold none, so they come from the command's row */
export async function saveObligations(
  trx: TenantDb,
  org_id: string,
  incident_id: string,
  { obligations = [], entries }: Pick<Change, 'obligations' | 'entries'>,
  note: string | null,
): Promise<void> {
  if (obligations.length === 0) return;
  const rows = obligations.map((obligation) => ({
    ...obligation,
    org_id,
    incident_id,
    anchored_at: iso(obligation.anchored_at),
    due_at: iso(obligation.due_at),
    submitted_at: iso(obligation.submitted_at),
    waived_at: iso(obligation.waived_at),
  }));
  await trx('incident_obligation')
    .insert(rows)
    .onConflict(['org_id', 'id'])
    .merge([...MUTABLE]);
  for (const { event_type, data } of entries) {
    const column = WORDS_OF[event_type];
    const id = data['obligation_id'];
    if (column !== undefined && typeof id === 'string')
      await trx('incident_obligation')
        .where({ id })
        .update({ [column]: policyWords(data['policy_revision']) ?? note });
  }
}

/** Of a policy only its revision goes through the workflow; what it says can be asked of it again. */
function policyWords(revision: unknown): string | undefined {
  return typeof revision === 'string'
    ? `by the policy incident_obligations, revision ${revision}`
    : undefined;
}
