import { notFound } from '../../domain/errors.js';
import type { CacaoPlaybook } from '../../domain/playbooks/cacao-schema.js';
import type { Playbook, PlaybookDetail } from '../../domain/playbooks/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { Rows } from '../reading.js';
import type { TenantDb } from '../tenancy.js';

const COLUMNS = `id, slug as playbook_id, cacao_id, revision, name, description, org_id is null as built_in, sha256,
  imported_by, created_at`;

/** The newest revision of each; an organization's own hides a built-in one of the same name. */
const NEWEST = `not exists (select from playbook other where other.slug = playbook.slug and (
  (other.org_id is not distinct from playbook.org_id and other.revision > playbook.revision)
  or (playbook.org_id is null and other.org_id is not null)))`;

export async function listPlaybooks(trx: Rows, request: PageRequest): Promise<PageResult<Playbook>> {
  const query = trx('playbook')
    .select(trx.raw(COLUMNS))
    .whereRaw(NEWEST)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Playbook[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** @throws DomainError NOT_FOUND */
export async function getPlaybook(trx: Rows, playbook_id: string): Promise<PlaybookDetail> {
  const row: PlaybookDetail | undefined = await trx('playbook')
    .select(trx.raw(`${COLUMNS}, document`))
    .where({ slug: playbook_id })
    .whereRaw(NEWEST)
    .first();
  if (!row) throw notFound('playbook');
  return row;
}

/** As another revision of that name. */
export async function insertPlaybook(
  trx: TenantDb,
  { org_id, actor_id }: TenantRef,
  { playbook_id, document, sha256 }: { playbook_id: string; document: CacaoPlaybook; sha256: string },
): Promise<PlaybookDetail> {
  // two imports of one name at the same moment are two revisions
  await trx.raw(`select pg_advisory_xact_lock(hashtextextended(?, 20))`, [`${org_id}/${playbook_id}`]);
  await trx.raw(
    `insert into playbook (id, org_id, slug, revision, cacao_id, name, description, document, sha256, imported_by)
     select ?, ?, ?, coalesce(max(revision), 0) + 1, ?, ?, ?, ?, ?, ? from playbook where org_id = ? and slug = ?`,
    [
      newId(),
      org_id,
      playbook_id,
      document.id,
      document.name,
      document.description ?? '',
      JSON.stringify(document),
      sha256,
      actor_id,
      org_id,
      playbook_id,
    ],
  );
  return await getPlaybook(trx, playbook_id);
}
