import {
  computedScore,
  appetiteOf,
  APPETITES,
  cellsOf,
  inherentScore,
  residualCell,
  RISK_CATEGORIES,
  RISK_STATUSES,
  TREATMENTS,
} from '../../domain/risks/rules.js';
import type { RiskRegister, RiskRow } from '../../domain/reports/risk-schema.js';
import type { Kind } from './documents.js';
import { headOf, hourOf, id, person, pick, words } from './material.js';

const BOUNDS = { approaching: 25, exceeds: 50, critical: 75 };

const TITLES = [
  'Third-party data breach',
  'Ransomware stops payment processing',
  'Loss of the primary cloud region',
  'Key person leaves the platform team',
  'Regulatory fine for late incident notice',
  'Fraudulent use of administrator accounts',
  'Failed migration of the ledger',
  'Concentration on one payment scheme',
] as const;

function riskOf(kind: Kind, n: number): RiskRow {
  const cell = { likelihood: 1 + ((n * 7) % 5), impact: 1 + ((n * 3 + Math.floor(n / 5)) % 5) };
  const assurance = n % 4 === 0 ? { halves: 0, of: 0 } : { halves: n % 5, of: 3 };
  const residual_score = computedScore(cell, assurance);
  const status = pick(RISK_STATUSES, n % 5 === 3 ? 2 : n % 3 === 1 ? 1 : 0);
  return {
    id: id(7, n),
    ref: `RISK-${String(n + 1)}`,
    title: words(kind, TITLES, n),
    description: words(kind, ['A supplier or one of its suppliers loses data that we gave them.'], n + 1),
    category: pick(RISK_CATEGORIES, n),
    status,
    treatment: pick(TREATMENTS, status === 'accepted' ? 0 : n),
    ...cell,
    inherent_score: inherentScore(cell),
    effectiveness:
      assurance.of === 0 ? 0 : Math.round((assurance.halves / (2 * assurance.of)) * 10_000) / 10_000,
    controls_judged: assurance.of,
    residual_score,
    residual_source: n % 6 === 5 ? 'manual' : 'computed',
    residual_cell: residualCell(cell, assurance, null),
    appetite: appetiteOf(residual_score, BOUNDS),
    owner: n % 6 === 4 ? null : person(n, kind),
    control_refs: ['CC6.1', 'CC9.2'].slice(0, n % 3),
    acceptance:
      status === 'accepted'
        ? {
            reason: words(kind, ['The supplier is replaced in June; until then we carry it.'], n + 2),
            accepted_by: person(n + 1, kind),
            accepted_at: hourOf(1_000 + n),
            expires_at: n % 2 === 0 ? null : hourOf(2_300 + 200 * n),
          }
        : null,
    updated_at: hourOf(1_800 + n),
  };
}

export function riskDocument(kind: Kind, rows = kind === 'empty' ? 0 : 24): RiskRegister {
  const risks = Array.from({ length: rows }, (_, n) => riskOf(kind, n)).toSorted(
    (a, b) => b.residual_score - a.residual_score || b.inherent_score - a.inherent_score,
  );
  const open = risks.filter(({ status }) => status === 'open');
  const of = <Key extends string>(keys: readonly Key[], value: (risk: RiskRow) => Key, key: Key): number =>
    keys.includes(key) ? risks.filter((risk) => value(risk) === key).length : 0;
  const status = (key: RiskRow['status']): number => of(RISK_STATUSES, (risk) => risk.status, key);
  const appetite = (key: RiskRow['appetite']): number => of(APPETITES, (risk) => risk.appetite, key);
  const as_of = Date.parse(headOf(kind, '').as_of);
  const expiring = risks
    .flatMap((risk) => {
      const ends = risk.acceptance?.expires_at ?? null;
      if (ends === null) return [];
      const days_left = Math.floor((Date.parse(ends) - as_of) / 86_400_000);
      return days_left >= 0 && days_left <= 90 ? [{ id: risk.id, days_left }] : [];
    })
    .toSorted((a, b) => a.days_left - b.days_left);
  return {
    type: 'risk_register',
    ...headOf(kind, 'Risk register, first quarter of 2026'),
    notes: [...headOf(kind, '').notes],
    bounds: BOUNDS,
    summary: {
      total: rows,
      status: {
        open: status('open'),
        mitigated: status('mitigated'),
        accepted: status('accepted'),
        transferred: status('transferred'),
      },
      appetite: {
        within: appetite('within'),
        approaching: appetite('approaching'),
        exceeds: appetite('exceeds'),
        critical: appetite('critical'),
      },
      without_owner: risks.filter(({ owner }) => owner === null).length,
      expiring: expiring.length,
    },
    categories: RISK_CATEGORIES.flatMap((category) => {
      const inside = risks.filter((risk) => risk.category === category);
      if (inside.length === 0) return [];
      const average = (value: (risk: RiskRow) => number): number =>
        Math.round((inside.reduce((sum, risk) => sum + value(risk), 0) / inside.length) * 10) / 10;
      return [
        {
          category,
          count: inside.length,
          average_inherent: average((risk) => risk.inherent_score),
          average_residual: average((risk) => risk.residual_score),
          worst_residual: Math.max(...inside.map((risk) => risk.residual_score)),
        },
      ];
    }),
    heatmap: {
      statuses: ['open'],
      total: open.length,
      inherent: cellsOf(open),
      residual: cellsOf(open.map(({ residual_cell }) => residual_cell)),
    },
    top: risks.slice(0, 10).map((risk) => risk.id),
    expiring: { within_days: 90, risks: expiring },
    risks,
  };
}
