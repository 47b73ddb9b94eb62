// What every report begins with, and the instant that it speaks of.
import { DomainError } from '../../domain/errors.js';
import { REPORT_SCHEMA } from '../../domain/reports/documents.js';
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import { REPORT_NAMES } from '../../domain/reports/rules.js';
import type { Bounds } from '../../domain/risks/rules.js';
import type { SnapshotDb } from '../tenancy.js';
import type { ReportWork } from './transitions.js';

/** More rows of one kind than that are more than anybody reads, and more than a renderer should hold. */
export const MOST_ROWS = 20_000;

export type Head = Pick<
  ReportDocument,
  | 'schema'
  | 'title'
  | 'organization'
  | 'generated_at'
  | 'generated_by'
  | 'as_of'
  | 'period'
  | 'assessment'
  | 'framework'
  | 'notes'
>;

export interface Opening {
  head: Head;
  /** As it was at that instant. */
  appetite: Bounds;
}

export async function readOpening(trx: SnapshotDb, report: ReportWork): Promise<Opening> {
  const { rows } = await trx.raw<{
    rows: { id: string; name: string; appetite: Bounds; as_of: string; requester: string | null }[];
  }>(
    `select o.id, o.name, o.settings -> 'appetite' as appetite, now() as as_of, m.name as requester
     from org o left join membership m on m.org_id = o.id and m.user_id = ?`,
    [report.requested_by],
  );
  const [row] = rows;
  if (!row) throw new DomainError('NOT_FOUND', 'The organization is gone.');
  const { id, name, appetite, as_of, requester } = row;
  return {
    appetite,
    head: {
      schema: REPORT_SCHEMA,
      title: REPORT_NAMES[report.type],
      organization: { id, name },
      generated_at: report.created_at,
      generated_by: { id: report.requested_by, name: requester ?? report.requested_by },
      as_of,
      period: null,
      assessment: null,
      framework: null,
      notes: [],
    },
  };
}

/** @throws DomainError PAYLOAD_TOO_LARGE; ask for one more than there may be */
export function bounded<T>(rows: T[], things: string): T[] {
  if (rows.length > MOST_ROWS)
    throw new DomainError(
      'PAYLOAD_TOO_LARGE',
      `There are more than ${MOST_ROWS} ${things}: too many for one report.`,
    );
  return rows;
}

/** So many of each, beside the zeros of those that there are none of. */
export function tally<K extends string>(
  zeros: Readonly<Record<K, number>>,
  found: readonly K[],
): Record<K, number> {
  const counts: Record<K, number> = { ...zeros };
  for (const kind of found) counts[kind] += 1;
  return counts;
}

export const NO_SEVERITIES = { critical: 0, high: 0, medium: 0, low: 0, info: 0 } as const;

/** Groups in the order in which their first member comes. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
