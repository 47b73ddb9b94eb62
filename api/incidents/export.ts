// An incident as one file: written on its timeline, signed up to that entry, streamed piece by piece.
import { Readable } from 'node:stream';
import { BUNDLE_FORMAT, type IncidentBundle } from '../../domain/incidents/bundle-schema.js';
import type { Task } from '../../domain/incidents/task-schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { Jwks } from '../../domain/signing/schema.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import type { SigningKeys } from '../../db/crypto/signing-keys.js';
import { newId } from '../../db/ids.js';
import { BundleDigest, signBundle } from '../../db/incidents/bundle.js';
import { type Checkpoint, listCheckpoints, readHead, signTimeline } from '../../db/incidents/checkpoints.js';
import { lockIncident } from '../../db/incidents/repository.js';
import { listTasks } from '../../db/incidents/tasks.js';
import { appendTimeline } from '../../db/incidents/timeline.js';
import { readRows } from '../../db/incidents/verify.js';
import { describeEntry } from '../../db/incidents/words.js';
import type { PageKey } from '../../db/pagination.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import { namesOf } from '../../db/users/names.js';
import type { WebUi } from '../web-ui.js';
import { readIncident } from './view.js';

export interface ExportDeps {
  db: Database;
  web_ui: WebUi;
  jwks: Jwks;
  /** Undefined where no SIGNING_KEYS are configured: the bundle says that it is not signed. */
  signing: SigningKeys | undefined;
}

interface Opened {
  ref: string;
  about: IncidentBundle['about'];
  checkpoints: Checkpoint[];
}

export async function exportIncident(
  deps: ExportDeps,
  tenant: TenantContext,
  incident_id: string,
): Promise<{ ref: string; stream: Readable }> {
  const opened = await withTenant(deps.db, tenant, async (trx) => {
    const { ref } = await lockIncident(trx, incident_id);
    await tellExport(trx, tenant, incident_id);
    const { org_id } = tenant;
    // a chain that does not hold is exported as it is, without a signature on its end
    if (deps.signing) await signTimeline(trx, deps.signing, { org_id, incident_id });
    const about = await describe(trx, deps, tenant, incident_id);
    return { ref, about, checkpoints: await listCheckpoints(trx, incident_id) };
  });
  return { ref: opened.ref, stream: Readable.from(write(deps, tenant, opened), { objectMode: false }) };
}

/** Reading is no work on the incident: an acknowledgement decays all the same. */
async function tellExport(trx: TenantDb, tenant: TenantContext, incident_id: string): Promise<void> {
  const { org_id, actor_id } = tenant;
  const nameOf = await namesOf(trx, [actor_id]);
  await appendTimeline(trx, org_id, incident_id, [
    {
      event_type: 'exported',
      data: {},
      occurred_at: new Date().toISOString(),
      actor: { type: 'user', id: actor_id, display: nameOf(actor_id) },
      description: describeEntry('exported', {}, nameOf),
      idempotency_key: newId(),
    },
  ]);
  await appendAudit(trx, tenant, {
    action: 'incident.export',
    resource_type: 'incident',
    resource_id: incident_id,
  });
}

async function describe(
  trx: TenantDb,
  { web_ui, jwks }: ExportDeps,
  tenant: TenantContext,
  incident_id: string,
): Promise<IncidentBundle['about']> {
  const { timeline: _, ...incident } = await readIncident(trx, web_ui, tenant, incident_id);
  const chain = await readHead(trx, incident_id);
  return {
    org_id: tenant.org_id,
    incident_id,
    exported_at: new Date().toISOString(),
    exported_by: tenant.actor_id,
    chain: chain ?? { seq: 0, hash: '' },
    keys: jwks,
    incident: { ...incident, tasks: await allTasks(trx, incident_id) },
  };
}

async function allTasks(trx: TenantDb, incident_id: string): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let after: PageKey | null | undefined; after !== null;) {
    const page = await listTasks(trx, { incident_id }, { limit: 200, after });
    tasks.push(...page.items);
    after = page.next;
  }
  return tasks.toReversed();
}

async function* write(
  { db, signing }: ExportDeps,
  tenant: TenantContext,
  { about, checkpoints }: Opened,
): AsyncGenerator<string> {
  const digest = new BundleDigest();
  const redacted = new Set<number>();
  const redactions: IncidentBundle['redactions'] = [];
  yield `{"format":"${BUNDLE_FORMAT}","about":${digest.add(about)},"entries":[`;
  let separator = '';
  for (let after = 0; after < about.chain.seq;) {
    const rows = await withTenant(db, tenant, (trx) => readRows(trx, about.incident_id, after));
    for (const row of rows.filter(({ seq }) => seq <= about.chain.seq)) {
      if (row.payload === null) redacted.add(row.seq);
      const { corrects_seq, event_type, seq } = row;
      if (event_type === 'redacted' && corrects_seq !== null && redacted.has(corrects_seq))
        redactions.push({ seq: corrects_seq, told_in_seq: seq });
      yield `${separator}${digest.add(row)}`;
      separator = ',';
    }
    // rows that are gone do not keep it waiting
    after = rows.at(-1)?.seq ?? about.chain.seq;
  }
  yield `],"checkpoints":[${checkpoints.map((checkpoint) => digest.add(checkpoint)).join(',')}]`;
  yield `,"redactions":${digest.add(redactions)}`;
  const sha256 = digest.finish();
  const signature = signing ? await signBundle(signing, about, sha256) : null;
  yield `,"sha256":"${sha256}","signature":${JSON.stringify(signature)}}`;
}
