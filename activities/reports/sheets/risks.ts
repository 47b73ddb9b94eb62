import type { RiskRegister } from '../../../domain/reports/risk-schema.js';
import { lines, long, moment, number, type Sheet, share, sheetOf, text } from './sheet.js';

export function riskSheets(document: RiskRegister): Sheet[] {
  const { risks, heatmap, expiring } = document;
  const byId = new Map(risks.map((risk) => [risk.id, risk]));
  const top = document.top.flatMap((id) => byId.get(id) ?? []);
  const ending = expiring.risks.flatMap(({ id, days_left }) => {
    const risk = byId.get(id);
    return risk === undefined ? [] : [{ risk, days_left }];
  });
  const cells = (['inherent', 'residual'] as const).flatMap((map) =>
    heatmap[map].map((cell) => ({ map, ...cell })),
  );
  return [
    sheetOf('Risks', risks, [
      text('Risk', (row) => row.ref, 12),
      long('Title', (row) => row.title, 50),
      text('Category', (row) => row.category, 14),
      text('Status', (row) => row.status, 12),
      text('Treatment', (row) => row.treatment, 12),
      number('Likelihood', (row) => row.likelihood),
      number('Impact', (row) => row.impact),
      number('Inherent score', (row) => row.inherent_score),
      number('Residual score', (row) => row.residual_score),
      text('Residual from', (row) => row.residual_source, 12),
      text('Appetite', (row) => row.appetite, 12),
      share('Effectiveness', (row) => row.effectiveness),
      number('Controls judged', (row) => row.controls_judged),
      text('Owner', (row) => row.owner?.name ?? null),
      text('Controls', (row) => lines(row.control_refs)),
      moment('Accepted until', (row) => row.acceptance?.expires_at ?? null),
      long('Reason of acceptance', (row) => row.acceptance?.reason ?? null, 40),
      long('Description', (row) => row.description),
      moment('Changed', (row) => row.updated_at),
    ]),
    sheetOf('Top ten', top, [
      text('Risk', (row) => row.ref, 12),
      long('Title', (row) => row.title, 50),
      number('Inherent score', (row) => row.inherent_score),
      number('Residual score', (row) => row.residual_score),
      text('Appetite', (row) => row.appetite, 12),
      text('Owner', (row) => row.owner?.name ?? null),
    ]),
    sheetOf('Acceptances ending', ending, [
      text('Risk', (row) => row.risk.ref, 12),
      long('Title', (row) => row.risk.title, 50),
      number('Residual score', (row) => row.risk.residual_score),
      moment('Ends', (row) => row.risk.acceptance?.expires_at ?? null),
      number('Days left', (row) => row.days_left),
      text('Accepted by', (row) => row.risk.acceptance?.accepted_by.name ?? null),
      long('Reason', (row) => row.risk.acceptance?.reason ?? null),
    ]),
    sheetOf('Heatmaps', cells, [
      text('Heatmap', (row) => row.map),
      number('Likelihood', (row) => row.likelihood),
      number('Impact', (row) => row.impact),
      number('Risks', (row) => row.count),
    ]),
    sheetOf('Categories', document.categories, [
      text('Category', (row) => row.category),
      number('Risks', (row) => row.count),
      number('Average inherent', (row) => row.average_inherent),
      number('Average residual', (row) => row.average_residual),
      number('Worst residual', (row) => row.worst_residual),
    ]),
  ];
}
