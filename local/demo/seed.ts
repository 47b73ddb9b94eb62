// The demo organization: four people and what they have collected. Safe to repeat, also after half of it.
import { createHash } from 'node:crypto';
import { DEFAULT_SETTINGS } from '../../domain/orgs/rules.js';
import type { Role } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import { connect, type Database } from '../../db/connection.js';
import { insertVerifiedEvidence } from '../../db/evidence/repository.js';
import { createOrg, listOrgs } from '../../db/orgs/repository.js';
import { mapSteampipe } from '../../db/orgs/steampipe.js';
import { appUrl } from '../../db/roles.js';
import { withTenant, withUser } from '../../db/tenancy.js';
import { identifyUser, insertUser, listUsers } from '../../db/users/repository.js';
import { addKris } from './kris.js';

const DOMAIN = 'demo.example';
const PEOPLE: readonly { role: Role; name: string }[] = [
  { role: 'admin', name: 'Ada Admin' },
  { role: 'auditor', name: 'Aurel Auditor' },
  { role: 'analyst', name: 'Ana Analyst' },
  { role: 'viewer', name: 'Vito Viewer' },
];
const DAY_MS = 86_400_000;

export interface DemoDocument {
  meta: {
    filename: string;
    content_type: string;
    control_refs: readonly string[];
    /** The fact was true that many days ago. */
    age_days: number;
    expires_in_days: number | null;
  };
  /** Rendered when asked for: a document that is on file already costs nothing. */
  render: () => Promise<Uint8Array>;
}

export interface SeedOptions {
  database_url: string;
  /** What the demo organization may read; undefined when there is no demo inventory. */
  inventory: { schema: string; role: string } | undefined;
  documents: readonly DemoDocument[];
  store: { put(key: string, body: Buffer, options: { content_type: string }): Promise<unknown> };
  /** The issuer's stable subject of an address. */
  subject_of: (email: string) => string;
}

export function demoEmail(role: Role): string {
  return `${role}@${DOMAIN}`;
}

export async function seedDemo(options: SeedOptions): Promise<{ org_id: string; added_documents: number }> {
  const db = connect({ url: appUrl(options.database_url), pool_max: 2, application_name: 'grc-demo' });
  try {
    const actor_id = await enter(db, options, 'admin');
    const org_id = await findOrCreateOrg(db, actor_id);
    const tenant = { org_id, actor_id, request_id: 'demo' };
    await addPeople(db, tenant);
    if (options.inventory !== undefined) {
      await mapSteampipe(options.database_url, { org_id, ...options.inventory });
    }
    await addKris(db, tenant);
    return { org_id, added_documents: await addDocuments(db, tenant, options) };
  } finally {
    await db.destroy();
  }
}

interface Tenant {
  org_id: string;
  actor_id: string;
  request_id: string;
}

async function enter(db: Database, options: SeedOptions, role: Role): Promise<string> {
  const email = demoEmail(role);
  const account = await identifyUser(
    db,
    { kind: 'person', email, access_sub: options.subject_of(email) },
    undefined,
  );
  if (!account) throw new Error(`${email} was not identified`);
  return account.user_id;
}

async function findOrCreateOrg(db: Database, admin_id: string): Promise<string> {
  const mine = await withUser(db, admin_id, (trx) => listOrgs(trx, { limit: 200 }));
  const found = mine.items.find((org) => org.domain === DOMAIN);
  if (found) return found.id;
  const body = { name: 'Demo organization', domain: DOMAIN };
  const org = await createOrg(db, admin_id, body, DEFAULT_SETTINGS, async (trx, created) => {
    const actor = { org_id: created.id, actor_id: admin_id, request_id: 'demo' };
    await appendAudit(trx, actor, { action: 'org.create', resource_type: 'org', resource_id: created.id });
  });
  return org.id;
}

async function addPeople(db: Database, tenant: Tenant): Promise<void> {
  await withTenant(db, tenant, async (trx) => {
    const { items } = await listUsers(trx, {}, { limit: 200 });
    const present = new Set(items.map((user) => user.email));
    for (const { role, name } of PEOPLE.filter((person) => !present.has(demoEmail(person.role)))) {
      const user = await insertUser(trx, tenant.org_id, { email: demoEmail(role), name, role });
      await appendAudit(trx, tenant, {
        action: 'user.create',
        resource_type: 'user',
        resource_id: user.id,
        after: { role },
        personal: { subject_id: user.id, data: { email: user.email, name } },
      });
    }
  });
}

/** Bytes first, then the row: a row never speaks of bytes that are not there. */
async function addDocuments(db: Database, tenant: Tenant, options: SeedOptions): Promise<number> {
  const present = new Set(
    await withTenant(db, tenant, async (trx) => {
      const rows: { filename: string }[] = await trx('evidence').select('filename');
      return rows.map((row) => row.filename);
    }),
  );
  const now = Date.now();
  let added = 0;
  for (const { meta, render } of options.documents) {
    if (present.has(meta.filename)) continue;
    const body = Buffer.from(await render());
    const sha256 = createHash('sha256').update(body).digest('hex');
    const object_key = `evidence/${tenant.org_id}/${sha256}`;
    await options.store.put(object_key, body, { content_type: meta.content_type });
    await withTenant(db, tenant, async (trx) => {
      const { id } = await insertVerifiedEvidence(trx, tenant, {
        filename: meta.filename,
        content_type: meta.content_type,
        size: body.length,
        sha256,
        object_key,
        control_refs: meta.control_refs,
        collected_at: new Date(now - meta.age_days * DAY_MS).toISOString(),
        expires_at:
          meta.expires_in_days === null ? null : new Date(now + meta.expires_in_days * DAY_MS).toISOString(),
      });
      await appendAudit(trx, tenant, {
        action: 'evidence.create',
        resource_type: 'evidence',
        resource_id: id,
        after: { sha256, size: body.length },
      });
    });
    added += 1;
  }
  return added;
}
