import type { BcmImpactAnalysis } from '../../../domain/reports/bcm-schema.js';
import { lines, long, moment, number, type Sheet, sheetOf, text } from './sheet.js';

export function bcmSheets(document: BcmImpactAnalysis): Sheet[] {
  const names = new Map(document.nodes.map(({ id, name }) => [id, name]));
  const items = document.tiers.flatMap(({ tier, rto_hours, items: inside }) =>
    inside.map((item) => ({ tier, rto_hours, ...item })),
  );
  return [
    sheetOf('Processes', document.processes, [
      text('Process', (row) => row.name, 40),
      text('Criticality', (row) => row.criticality),
      number('RTO, hours', (row) => row.rto_hours),
      number('RPO, hours', (row) => row.rpo_hours),
      number('MTD, hours', (row) => row.mtd_hours),
      number('Recovery, hours', (row) => row.recovery_hours),
      number('Dependencies', (row) => row.dependencies),
      text('Owner', (row) => row.owner?.name ?? null),
      moment('Tested', (row) => row.tested_at),
      long('Description', (row) => row.description),
    ]),
    sheetOf('Nodes', document.nodes, [
      text('Name', (row) => row.name, 40),
      text('Type', (row) => row.type, 12),
      text('Kind', (row) => row.kind),
      long('External id', (row) => row.external_id),
      number('RTO, hours', (row) => row.rto_hours),
      number('Inherited RTO, hours', (row) => row.inherited_rto_hours),
    ]),
    sheetOf('Dependencies', document.edges, [
      text('Needs', (row) => names.get(row.source) ?? row.source, 40),
      text('Needed', (row) => names.get(row.target) ?? row.target, 40),
      text('Type', (row) => row.dependency_type),
      text('Group', (row) => row.group?.id ?? null),
      number('Enough of the group', (row) => row.group?.k ?? null),
    ]),
    sheetOf('Single points of failure', document.single_points, [
      text('Name', (row) => row.name, 40),
      text('Type', (row) => row.type, 12),
      text('Kind', (row) => row.kind),
      text('Class', (row) => row.class, 12),
      text('Criticality', (row) => row.criticality),
      number('Processes', (row) => row.dependent_processes.length),
      long('What would stop', (row) => lines(row.dependent_processes.map(({ name }) => name)), 40),
      long('By way of', (row) => row.witness.join(' → '), 40),
      long('Same for', (row) => lines(row.folded), 30),
      long('Recommendation', (row) => row.recommendation),
      long('Id', (row) => row.asset_id),
    ]),
    sheetOf('Recovery', items, [
      number('Tier', (row) => row.tier),
      number('RTO of the tier, hours', (row) => row.rto_hours),
      number('Wave', (row) => row.wave),
      text('Name', (row) => row.name, 40),
      text('Type', (row) => row.type, 12),
      number('Restore, hours', (row) => row.restore_hours),
      number('Finished, hours', (row) => row.finish_hours),
      number('Inherited RTO, hours', (row) => row.inherited_rto_hours),
      long('Why here', (row) => row.reason),
      text('Cold-start group', (row) => row.cold_start_group, 30),
    ]),
    sheetOf('Conflicts', document.conflicts, [
      text('Conflict', (row) => row.code, 24),
      text('About', (row) => row.subject.name, 40),
      long('What is wrong', (row) => row.detail),
      long('Path', (row) => row.path.join(' → '), 40),
    ]),
  ];
}
