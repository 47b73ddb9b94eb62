import { randomUUID } from 'node:crypto';
import { buildEvidence } from '../factories/evidence.js';
import { judged } from './assessments.js';
import { withTenant } from '../../../db/tenancy.js';
import { created } from './people.js';
import type { Entries, Maker, References, World, WorldOrg } from './types.js';

const WANTED = { filename: 'report.txt', content_type: 'text/plain', size: 9 };

/** Fifty an hour: the calls before do not count. */
async function makeRoom({ db }: World, { tenant }: WorldOrg): Promise<void> {
  await withTenant(db, tenant, (trx) => trx('evidence_upload').del());
}

const room = { before: makeRoom };

const verified: Maker = async ({ db }, { tenant }) => ({
  evidence_id: (await buildEvidence(db, tenant, `Reviewed ${randomUUID()}.`)).id,
});

const several: Maker = async (world, org) => {
  await verified(world, org);
  return await verified(world, org);
};

/** Its bytes are there, and nobody has read them. */
const uploaded: Maker = async (world, org) => {
  const ticket = await created(world, org, '/evidence/upload-url', WANTED);
  const { 'content-length': _length, ...headers } = ticket.headers;
  const answer = await fetch(ticket.upload_url, { method: 'PUT', headers, body: 'Reviewed.' });
  if (answer.status !== 200) throw new Error(await answer.text());
  return { evidence_id: ticket.evidence_id };
};

export const EVIDENCE: Entries = {
  'evidence.list': { may: 'read', object: several },
  'evidence.upload_url': { ...room, may: 'write', body: () => WANTED },
  'evidence.get': { may: 'read', object: verified },
  'evidence.verify': { ...room, may: 'write', object: uploaded },
  'evidence.download_url': { may: 'download', object: verified },
  'evidence.update': { may: 'write', object: verified },
  'evidence.delete': { may: 'manage', object: verified },
};

export const EVIDENCE_REFERENCES: References = {
  finding_id: async (world, org) => (await judged(world, org))['finding_id'] ?? '',
  supersedes_id: async (world, org) => (await verified(world, org))['evidence_id'] ?? '',
};
