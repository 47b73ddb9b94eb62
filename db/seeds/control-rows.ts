import type { CatalogueControl } from '../../domain/frameworks/catalogue.js';

/** What is wanted, what an assessor asks, what would satisfy it. */
type Row = readonly [ref: string, title: string, description: string, question: string, guidance: string];

/** Controls of one group that no machine checks. */
export function controlsOf(group: string, rows: readonly Row[]): readonly CatalogueControl[] {
  return rows.map(([ref, title, description, question, guidance]) => ({
    ref,
    group,
    title,
    description,
    question,
    guidance,
    kind: 'control',
    checks: [],
  }));
}
