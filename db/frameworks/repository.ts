import { notFound } from '../../domain/errors.js';
import type { Control, ControlQuery, Framework, FrameworkDetail } from '../../domain/frameworks/schema.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { Rows } from '../reading.js';

// Both doors may read: a person sees the built-in ones and those of their organizations, a tenant its own.

const COLUMNS = ['id', 'key', 'name', 'version', 'description', 'control_count'] as const;
const CONTROL_COLUMNS = [
  'id',
  'ref',
  'group',
  'title',
  'description',
  'question',
  'guidance',
  'kind',
  'baselines',
  'checks',
] as const;

// The policy goes by membership, which outlives its organization until that is purged.
function frameworks(trx: Rows) {
  const org = trx('org').select('id').whereNull('deleted_at').whereRaw('org.id = framework.org_id');
  return trx('framework').where((seen) => seen.whereNull('framework.org_id').orWhereExists(org));
}

export async function listFrameworks(trx: Rows, request: PageRequest): Promise<PageResult<Framework>> {
  const query = frameworks(trx)
    .select(...COLUMNS)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Framework[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

export async function getFramework(trx: Rows, framework_id: string): Promise<FrameworkDetail> {
  const row = await frameworks(trx)
    .select(...COLUMNS, 'source', 'licence_note', 'groups')
    .where({ id: framework_id })
    .first();
  if (!row) throw notFound('framework');
  const counts: { group: string; controls: number }[] = await trx('control')
    .select('group')
    .count('* as controls')
    .where({ framework_id })
    .groupBy('group');
  const byGroup = new Map(counts.map(({ group, controls }) => [group, controls]));
  const groups: { key: string; title: string }[] = row.groups;
  return {
    ...row,
    groups: groups.map((group) => ({ ...group, control_count: byGroup.get(group.key) ?? 0 })),
  };
}

/** @throws DomainError NOT_FOUND unless the framework is there for the caller. */
export async function requireFramework(trx: Rows, framework_id: string): Promise<void> {
  const row = await frameworks(trx).select('id').where({ id: framework_id }).first();
  if (!row) throw notFound('framework');
}

/** In catalogue order. */
export async function listControls(
  trx: Rows,
  framework_id: string,
  filter: Pick<ControlQuery, 'group' | 'baseline'>,
  request: PageRequest,
): Promise<PageResult<Control>> {
  const query = trx('control')
    .select(...CONTROL_COLUMNS, 'position')
    .where({ framework_id })
    .orderBy('position')
    .limit(request.limit + 1);
  if (filter.group) query.whereIn('group', filter.group);
  if (filter.baseline) query.whereRaw('baselines && ?::text[]', [filter.baseline]);
  if (request.after) query.where('position', '>', keyPart(request.after, 0));
  const rows: (Control & { position: number })[] = await query;
  const positions = rows.map((row) => row.position);
  const items: Control[] = rows.map(({ position: _position, ...row }) => row);
  return toPage(items, request.limit, () => [positions[request.limit - 1] ?? 0]);
}
