import { notFound } from '../../domain/errors.js';
import type { CacaoPlaybook } from '../../domain/playbooks/cacao-schema.js';
import { isRunEnded, type RunStatus } from '../../domain/playbooks/rules.js';
import type { PlaybookRun, RunQuery, StepRun } from '../../domain/playbooks/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { moment } from '../moment.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

const COLUMNS = [
  'id',
  'incident_id',
  'playbook_id',
  'revision',
  'sha256',
  'execute_automated',
  'dry_run',
  'variables',
  'status',
  'failure',
  'started_by',
  'started_at',
  'ended_at',
] as const;

export interface NewRun {
  incident_id: string;
  playbook_id: string;
  revision: number;
  sha256: string;
  document: CacaoPlaybook;
  execute_automated: boolean;
  dry_run: boolean;
  variables: Record<string, string>;
}

export async function insertRun(trx: TenantDb, tenant: TenantRef, run: NewRun): Promise<string> {
  const id = newId();
  await trx('playbook_run').insert({
    ...run,
    org_id: tenant.org_id,
    id,
    started_by: tenant.actor_id,
    document: JSON.stringify(run.document),
    variables: JSON.stringify(run.variables),
  });
  return id;
}

export type RunRow = PlaybookRun & { temporal_run_id: string | null };

/** @throws DomainError NOT_FOUND, also for a run of another incident */
export async function getRun(trx: TenantReader, incident_id: string, id: string): Promise<RunRow> {
  const row: RunRow | undefined = await trx('playbook_run')
    .select(...COLUMNS, 'temporal_run_id')
    .where({ incident_id, id })
    .first();
  if (!row) throw notFound('playbook run');
  return row;
}

/** @throws DomainError NOT_FOUND */
export async function lockRun(trx: TenantDb, id: string): Promise<RunRow> {
  const row: RunRow | undefined = await trx('playbook_run')
    .select(...COLUMNS, 'temporal_run_id')
    .where({ id })
    .forNoKeyUpdate()
    .first();
  if (!row) throw notFound('playbook run');
  return row;
}

/** Newest first. */
export async function listRuns(
  trx: TenantReader,
  incident_id: string,
  filter: Pick<RunQuery, 'status'>,
  request: PageRequest,
): Promise<PageResult<PlaybookRun>> {
  const query = trx('playbook_run')
    .select(...COLUMNS)
    .where({ incident_id })
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  if (filter.status) query.whereIn('status', [...filter.status]);
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: PlaybookRun[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

export async function getDocument(trx: TenantDb, id: string): Promise<CacaoPlaybook> {
  const row: { document: CacaoPlaybook } | undefined = await trx('playbook_run')
    .select('document')
    .where({ id })
    .first();
  if (!row) throw notFound('playbook run');
  return row.document;
}

export async function setTemporalRun(trx: TenantDb, id: string, temporal_run_id: string): Promise<void> {
  await trx('playbook_run').where({ id }).update({ temporal_run_id });
}

/** @returns false when it had ended already: what is said of it then changes nothing. */
export async function setRunStatus(
  trx: TenantDb,
  id: string,
  status: RunStatus,
  failure: string | null,
): Promise<boolean> {
  const changed = await trx('playbook_run')
    .where({ id })
    .whereNull('ended_at')
    .update({
      status,
      ...(failure !== null && { failure }),
      ...(isRunEnded(status) && { ended_at: trx.raw('clock_timestamp()') }),
    });
  return changed > 0;
}

/** In the order in which they began. */
export async function listSteps(trx: TenantReader, run_id: string): Promise<StepRun[]> {
  const { rows } = await trx.raw<{ rows: StepRun[] }>(
    `select s.step_id, s.iteration, s.name, s.action, s.risk_class, s.status, s.decision, s.args_hash,
       s.approvals_required, s.task_id, s.result, s.outputs, s.started_at, s.ended_at,
       coalesce((select jsonb_agg(jsonb_build_object('user_id', a.user_id, 'verdict', a.verdict,
           'args_hash', a.args_hash, 'at', ${moment('a.at')})
           order by a.at)
         from playbook_approval a where a.run_id = s.run_id and a.step_id = s.step_id
           and a.iteration = s.iteration), '[]') as approvals
     from playbook_step s where s.run_id = ? order by s.started_at, s.step_id, s.iteration`,
    [run_id],
  );
  return rows;
}
