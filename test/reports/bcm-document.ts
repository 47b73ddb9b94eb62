import type { BcmImpactAnalysis } from '../../domain/reports/bcm-schema.js';
import { CRITICALITIES } from '../../domain/reports/documents.js';
import type { Kind } from './documents.js';
import { headOf, hourOf, id, person, pick, words } from './material.js';

const PROCESSES = [
  'Card payments',
  'Settlement',
  'Customer onboarding',
  'Fraud monitoring',
  'Payroll',
  'Reporting',
];

const THINGS = [
  ['asset', 'database', 'ledger-db'],
  ['asset', 'compute', 'payment-api'],
  ['asset', 'queue', 'settlement-queue'],
  ['asset', 'key', 'customer-data-key'],
  ['domain', 'zone', 'eu-central-1a'],
  ['domain', 'region', 'eu-central-1'],
  ['vendor', 'scheme', 'Card scheme'],
  ['person', 'team', 'Platform team'],
] as const;

export function bcmDocument(kind: Kind, rows = kind === 'empty' ? 0 : PROCESSES.length): BcmImpactAnalysis {
  const processes = Array.from({ length: rows }, (_, n) => ({
    id: id(20, n),
    name: words(kind, PROCESSES, n),
    description: words(kind, ['Takes money and gives receipts.'], n),
    criticality: pick(CRITICALITIES, Math.floor(n / 2)),
    owner: n % 4 === 3 ? null : person(n, kind),
    rto_hours: n % 5 === 4 ? null : 4 * (n + 1),
    rpo_hours: 0.25 * (n + 1),
    mtd_hours: 8 * (n + 1),
    recovery_hours: 3.5 * (n + 2),
    dependencies: 3,
    tested_at: n % 2 === 0 ? hourOf(500 + n) : null,
  }));
  const things =
    rows === 0
      ? []
      : THINGS.map(([type, thing, name], n) => ({
          id: id(21, n),
          type,
          kind: thing,
          name: words(kind, [name], n),
          external_id: type === 'asset' ? `arn:aws:rds:eu-central-1:123456789012:cluster:${name}` : null,
          rto_hours: n % 2 === 0 ? 4 : null,
          inherited_rto_hours: 4,
        }));
  const edge = (n: number, source: string, target: string, soft: boolean) => ({
    id: id(22, n),
    source,
    target,
    dependency_type: soft ? ('uses' as const) : ('requires' as const),
    group: n % 9 === 8 ? { id: 'replicas', k: 1 } : null,
  });
  const edges =
    rows === 0
      ? []
      : [
          ...processes.flatMap((process, n) => [
            edge(n * 2, process.id, id(21, n % 3), false),
            edge(n * 2 + 1, process.id, id(21, 6 + (n % 2)), n % 2 === 0),
          ]),
          edge(1_000, id(21, 1), id(21, 0), false),
          edge(1_001, id(21, 0), id(21, 3), false),
          edge(1_002, id(21, 0), id(21, 4), false),
          edge(1_003, id(21, 2), id(21, 4), false),
          edge(1_004, id(21, 4), id(21, 5), false),
        ];
  const stopped = processes.map(({ id: process, name, criticality }) => ({ id: process, name, criticality }));
  const single_points = things
    .filter((_, n) => [0, 3, 4, 7].includes(n))
    .map((thing, n) => ({
      id: thing.id,
      asset_id: thing.external_id ?? thing.id,
      name: thing.name,
      type: thing.type,
      kind: thing.kind,
      class: pick(['hard', 'correlated', 'managed', 'knowledge'] as const, n),
      criticality: 'mission_critical' as const,
      dependent_processes: stopped.slice(0, 8 - n),
      witness: [words(kind, PROCESSES, n), words(kind, ['payment-api'], n + 1), thing.name],
      folded: n === 1 ? [words(kind, ['ledger-db snapshot'], n)] : [],
      recommendation: words(kind, ['Add a replica in another zone and rehearse the failover.'], n),
    }));
  const tiers =
    rows === 0
      ? []
      : [4, 8, null].map((rto_hours, n) => ({
          tier: n + 1,
          rto_hours,
          items: [...things.slice(n * 3, n * 3 + 3), ...processes.slice(n * 2, n * 2 + 2)].map((item, m) => ({
            id: item.id,
            type: 'type' in item ? item.type : ('process' as const),
            name: item.name,
            wave: m + 1,
            restore_hours: 0.5 * (m + 1),
            finish_hours: 1.5 * (m + 1),
            inherited_rto_hours: rto_hours,
            reason: words(kind, ['Card payments needs it within 4 h'], n + m),
            cold_start_group: m === 1 ? 'ledger-db, payment-api' : null,
          })),
        }));
  const conflicts = things.slice(0, 3).map((thing, n) => ({
    code: pick(['RTO_INVERSION', 'MTD_BREACH', 'BACKUP_SAME_DOMAIN'] as const, n),
    subject: { id: thing.id, type: thing.type, name: thing.name },
    detail: words(kind, ['Promises 8 h, but Card payments wants 4 h.'], n),
    path: ['Card payments', 'payment-api', thing.name],
  }));
  const of = (key: (typeof CRITICALITIES)[number]): number =>
    processes.filter(({ criticality }) => criticality === key).length;
  return {
    type: 'bcm_impact_analysis',
    ...headOf(kind, 'Business impact analysis 2026'),
    notes: [...headOf(kind, '').notes],
    summary: {
      processes: rows,
      criticality: {
        mission_critical: of('mission_critical'),
        business_critical: of('business_critical'),
        business_operational: of('business_operational'),
        administrative: of('administrative'),
      },
      nodes: rows + things.length,
      dependencies: edges.length,
      single_points: single_points.length,
      conflicts: conflicts.length,
      without_owner: processes.filter(({ owner }) => owner === null).length,
      untested: processes.filter(({ tested_at }) => tested_at === null).length,
    },
    processes,
    nodes: [
      ...processes.map(({ id: process, name, rto_hours }) => ({
        id: process,
        type: 'process' as const,
        kind: 'process',
        name,
        external_id: null,
        rto_hours,
        inherited_rto_hours: rto_hours,
      })),
      ...things,
    ],
    edges,
    single_points,
    tiers,
    conflicts,
  };
}
