// Everything that a verdict of an assessment rests on, piece by piece: the whole need not fit into memory.
import { moment } from '../moment.js';
import type { TenantDb } from '../tenancy.js';

export interface BundleFile {
  path: string;
  content: unknown;
}

/** The path within the bundle is made here, so that it is unique and the order is always the same. */
export interface BundlePage {
  files: BundleFile[];
  /** Undefined after the last page. */
  next: string | undefined;
}

type Page = (trx: TenantDb, assessment_id: string, after: string, limit: number) => Promise<BundlePage>;

async function runs(trx: TenantDb, assessment_id: string): Promise<BundlePage> {
  const assessment = await trx('assessment as a')
    .join('framework as f', 'f.id', 'a.framework_id')
    .select(
      'a.id',
      'a.name',
      'a.scope',
      'a.control_refs',
      'a.evaluator',
      'a.status',
      'a.created_by',
      'a.created_at',
    )
    .select(
      trx.raw(`json_build_object('id', f.id, 'key', f.key, 'version', f.version, 'content_hash', f.content_hash)
        as framework`),
    )
    .where('a.id', assessment_id)
    .first();
  const executions: { id: string }[] = await trx('assessment_execution')
    .select(
      'id',
      'status',
      'restart',
      'evaluator',
      'limits',
      'controls_total',
      'controls_evaluated',
      'carried',
    )
    .select('tokens_in', 'tokens_out', 'failure', 'actor_id', 'created_at', 'started_at', 'ended_at')
    .where({ assessment_id })
    .orderBy('id');
  return {
    files: [
      { path: 'assessment.json', content: assessment },
      ...executions.map((content) => ({ path: `executions/${content.id}.json`, content })),
    ],
    next: undefined,
  };
}

interface Named {
  path: string;
  content: unknown;
  key: string;
}

function paged(sql: string): Page {
  return async (trx, assessment_id, after, limit) => {
    const { rows } = await trx.raw<{ rows: Named[] }>(sql, [assessment_id, after, limit]);
    return {
      files: rows.map(({ path, content }) => ({ path, content })),
      next: rows.length < limit ? undefined : rows.at(-1)?.key,
    };
  };
}

/** A row as it stands, with its times in the wire's form. */
function whole(row: string, times: readonly string[]): string {
  const moments = times.map((column) => `'${column}', ${moment(`${row}.${column}`)}`);
  return `(to_jsonb(${row}) - 'org_id' || jsonb_build_object(${moments.join(', ')}))`;
}

const FINDING_TIMES = ['created_at', 'updated_at', 'judged_at', 'review_due_at', 'review_reminded_at'];

const controls = paged(`
  select 'controls/' || c.ref || '.json' as path, f.control_id::text as key, json_build_object(
    'control', json_build_object('id', c.id, 'ref', c.ref, 'title', c.title, 'description', c.description,
      'question', c.question, 'guidance', c.guidance, 'checks', c.checks),
    'finding', ${whole('f', FINDING_TIMES)},
    'history', (select json_agg(${whole('h', ['at'])} - 'finding_id' order by h.id)
      from finding_history h where h.org_id = f.org_id and h.finding_id = f.id),
    'judgements', (select coalesce(json_agg(${whole('j', ['created_at'])} order by j.execution_id), '[]')
      from judgement j join assessment_execution e on e.org_id = j.org_id and e.id = j.execution_id
      where e.assessment_id = f.assessment_id and j.control_id = f.control_id)) as content
  from finding f join control c on c.id = f.control_id
  where f.assessment_id = ? and f.control_id::text > ? order by f.control_id::text limit ?`);

const checks = paged(`
  select 'checks/' || r.execution_id || '/' || r.name || '.json' as path, r.execution_id || '/' || r.name as key,
    ${whole('r', ['ran_at'])} as content
  from check_result r join assessment_execution e on e.org_id = r.org_id and e.id = r.execution_id
  where e.assessment_id = ? and r.execution_id || '/' || r.name > ? order by 2 limit ?`);

const evidence = paged(`
  select 'evidence/' || e.id || '.json' as path, e.id::text as key, json_build_object(
    'id', e.id, 'filename', e.filename, 'content_type', e.content_type, 'size', e.size, 'sha256', e.sha256,
    'control_refs', e.control_refs, 'collected_at', ${moment('e.collected_at')}, 'expires_at', ${moment('e.expires_at')},
    'text', t.text, 'truncated', t.truncated, 'unreadable_reason', t.unreadable_reason,
    'extractor_version', t.extractor_version) as content
  from evidence e left join evidence_text t on t.org_id = e.org_id and t.evidence_id = e.id
  where e.id in (select x.evidence_id from execution_evidence x
      join assessment_execution r on r.org_id = x.org_id and r.id = x.execution_id where r.assessment_id = ?)
    and e.id::text > ? order by e.id::text limit ?`);

/** In this order; each is asked for again with `next` until there is none. */
export const BUNDLE_SECTIONS: readonly Page[] = [runs, controls, checks, evidence];
