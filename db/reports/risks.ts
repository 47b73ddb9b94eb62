import { EXPIRING_WITHIN_DAYS, TOP_RISKS } from '../../domain/reports/documents.js';
import type { RiskRegister, RiskRow } from '../../domain/reports/risk-schema.js';
import { type Bounds, cellsOf, RISK_CATEGORIES, type RiskStatus } from '../../domain/risks/rules.js';
import type { Risk } from '../../domain/risks/schema.js';
import { shownRisks } from '../risks/repository.js';
import type { SnapshotDb } from '../tenancy.js';
import { namesOf } from '../users/names.js';
import { bounded, type Head, MOST_ROWS, tally } from './head.js';

const DAY_MS = 86_400_000;
/** As the heatmap shows them unless it is told otherwise. */
const MAPPED: readonly RiskStatus[] = ['open'];

/** Three statements with the head's, however many risks there are. */
export async function gatherRisks(trx: SnapshotDb, head: Head, bounds: Bounds): Promise<RiskRegister> {
  const found: Risk[] = await shownRisks(trx)
    .orderBy([
      { column: 'r.residual_score', order: 'desc' },
      { column: 'r.inherent_score', order: 'desc' },
      { column: 'r.number' },
    ])
    .limit(MOST_ROWS + 1);
  const nameOf = await namesOf(
    trx,
    bounded(found, 'risks').flatMap(({ owner_id, acceptance }) => [
      owner_id,
      acceptance?.accepted_by ?? null,
    ]),
  );
  const risks = found.map((risk) => riskOf(risk, nameOf));
  const mapped = risks.filter(({ status }) => MAPPED.includes(status));
  const expiring = expiringOf(risks, Date.parse(head.as_of));
  return {
    type: 'risk_register',
    ...head,
    bounds,
    summary: {
      total: risks.length,
      status: tally(
        { open: 0, mitigated: 0, accepted: 0, transferred: 0 },
        risks.map(({ status }) => status),
      ),
      appetite: tally(
        { within: 0, approaching: 0, exceeds: 0, critical: 0 },
        risks.map(({ appetite }) => appetite),
      ),
      without_owner: risks.filter(({ owner }) => owner === null).length,
      expiring: expiring.length,
    },
    categories: categoriesOf(risks),
    heatmap: {
      statuses: [...MAPPED],
      total: mapped.length,
      inherent: cellsOf(mapped.map(({ likelihood, impact }) => ({ likelihood, impact }))),
      residual: cellsOf(mapped.map(({ residual_cell }) => residual_cell)),
    },
    top: mapped.slice(0, TOP_RISKS).map(({ id }) => id),
    expiring: { within_days: EXPIRING_WITHIN_DAYS, risks: expiring },
    risks,
  };
}

function riskOf(risk: Risk, nameOf: (id: string) => string): RiskRow {
  const person = (id: string) => ({ id, name: nameOf(id) });
  const { acceptance, owner_id, created_at: _created, revision: _revision, ...rest } = risk;
  const { residual_likelihood: _likelihood, residual_impact: _impact, ...columns } = rest;
  return {
    ...columns,
    owner: owner_id === null ? null : person(owner_id),
    acceptance: acceptance && { ...acceptance, accepted_by: person(acceptance.accepted_by) },
  };
}

/** Days are begun ones: what ends in an hour has one left. */
function expiringOf(risks: readonly RiskRow[], as_of_ms: number): RiskRegister['expiring']['risks'] {
  return risks
    .flatMap(({ id, acceptance }) => {
      const ends = acceptance?.expires_at ?? null;
      return ends === null
        ? []
        : [{ id, days_left: Math.ceil((Date.parse(ends) - as_of_ms) / DAY_MS), ends }];
    })
    .filter(({ days_left }) => days_left <= EXPIRING_WITHIN_DAYS)
    .toSorted((a, b) => Date.parse(a.ends) - Date.parse(b.ends))
    .map(({ id, days_left }) => ({ id, days_left }));
}

function categoriesOf(risks: readonly RiskRow[]): RiskRegister['categories'] {
  return RISK_CATEGORIES.flatMap((category) => {
    const members = risks.filter((risk) => risk.category === category);
    if (members.length === 0) return [];
    const average = (scores: readonly number[]): number =>
      Math.round((scores.reduce((sum, each) => sum + each, 0) / scores.length) * 100) / 100;
    const residual = members.map(({ residual_score }) => residual_score);
    return [
      {
        category,
        count: members.length,
        average_inherent: average(members.map(({ inherent_score }) => inherent_score)),
        average_residual: average(residual),
        worst_residual: residual.reduce((worst, each) => Math.max(worst, each), 0),
      },
    ];
  });
}
