import { UPLOADS_PER_HOUR } from '../../domain/evidence/rules.js';
import {
  downloadTicket,
  evidenceDetail,
  evidencePage,
  evidenceParams,
  evidenceQuery,
  evidenceUpdate,
  evidenceVerification,
  uploadRequest,
  uploadTicket,
} from '../../domain/evidence/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { deleted } from '../../domain/schema.js';
import { listEvidence } from '../../db/evidence/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import {
  changeEvidence,
  deleteEvidence,
  downloadEvidence,
  type EvidenceDeps,
  readEvidence,
  verifyEvidence,
} from './use-cases.js';
import { requestUpload } from './uploads.js';

const UPLOAD_LIMIT = `${String(UPLOADS_PER_HOUR)} uploads per hour per organization`;

export function evidenceRoutes(deps: EvidenceDeps): Route[] {
  return [
    route({
      name: 'evidence.list',
      method: 'get',
      path: '/orgs/:org_id/evidence',
      permission: 'evidence:read',
      summary: 'List evidence, newest first',
      params: orgParams,
      query: evidenceQuery,
      response: evidencePage,
      links: { evidence_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(deps.db, tenant, (trx) => listEvidence(trx, query, page)));
      },
    }),
    route({
      name: 'evidence.upload_url',
      method: 'post',
      path: '/orgs/:org_id/evidence/upload-url',
      permission: 'evidence:upload',
      summary: 'Get a signed URL to PUT one file to',
      description:
        'The URL takes exactly one upload of that type, and of that size and SHA-256 where they are given. What ' +
        'arrives is read by itself: its real type, its size and its hash; POST …/verify has it read at once.',
      params: orgParams,
      body: uploadRequest,
      response: uploadTicket,
      status: 201,
      limits: [UPLOAD_LIMIT],
      links: { evidence_id: 'evidence_id' },
      errors: ['SERVICE_UNAVAILABLE'],
      async handler({ tenant, body, countsAgainst }) {
        return await requestUpload(deps, tenant, body, countsAgainst);
      },
    }),
    route({
      name: 'evidence.get',
      method: 'get',
      path: '/orgs/:org_id/evidence/:evidence_id',
      permission: 'evidence:read',
      summary: 'Get a document: what it is, what it is linked to, whether it is current',
      params: evidenceParams,
      response: evidenceDetail,
      links: { evidence_id: 'id' },
      async handler({ tenant, params }) {
        return await readEvidence(deps, tenant, params.evidence_id);
      },
    }),
    route({
      name: 'evidence.verify',
      method: 'post',
      path: '/orgs/:org_id/evidence/:evidence_id/verify',
      permission: 'evidence:upload',
      summary: 'Have an upload read now; answers what came of it, or that it is being read',
      params: evidenceParams,
      response: evidenceVerification,
      errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
      async handler({ tenant, params }) {
        return await verifyEvidence(deps, tenant, params.evidence_id);
      },
    }),
    route({
      name: 'evidence.download_url',
      method: 'get',
      path: '/orgs/:org_id/evidence/:evidence_id/download-url',
      permission: 'evidence:download',
      summary: 'Get a signed URL that downloads a verified document; noted in the audit log',
      params: evidenceParams,
      response: downloadTicket,
      errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
      async handler({ tenant, params }) {
        return await downloadEvidence(deps, tenant, params.evidence_id);
      },
    }),
    route({
      name: 'evidence.update',
      method: 'patch',
      path: '/orgs/:org_id/evidence/:evidence_id',
      permission: 'evidence:update',
      summary: 'Link a document, unlink it, say when its fact was true and until when it counts',
      description: 'Its bytes never change: a new version is new evidence that supersedes it',
      params: evidenceParams,
      body: evidenceUpdate,
      response: evidenceDetail,
      links: { evidence_id: 'id' },
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await changeEvidence(deps, tenant, params.evidence_id, body);
      },
    }),
    route({
      name: 'evidence.delete',
      method: 'delete',
      path: '/orgs/:org_id/evidence/:evidence_id',
      permission: 'evidence:delete',
      summary: 'Remove a document on which nothing rests',
      params: evidenceParams,
      response: deleted,
      errors: ['CONFLICT'],
      async handler({ tenant, params }) {
        return await deleteEvidence(deps, tenant, params.evidence_id);
      },
    }),
  ];
}
