import { orgParams } from '../../domain/orgs/schema.js';
import { CONTENT_TYPE } from '../../domain/reports/documents.js';
import { reportDocument } from '../../domain/reports/document-schema.js';
import { REPORTS_PER_HOUR } from '../../domain/reports/rules.js';
import {
  report,
  reportCancelled,
  reportDownloadQuery,
  reportGenerate,
  reportLocation,
  reportPage,
  reportParams,
  reportQuery,
} from '../../domain/reports/schema.js';
import { deleted } from '../../domain/schema.js';
import { attachment } from '../../db/objects/presign.js';
import { listReports } from '../../db/reports/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { raw, route, type Route } from '../http/route.js';
import {
  cancelReport,
  deleteReport,
  downloadReport,
  generateReport,
  locateReport,
  readReport,
  type ReportDeps,
  shown,
} from './use-cases.js';

export function reportRoutes(deps: ReportDeps): Route[] {
  return [
    route({
      name: 'reports.list',
      method: 'get',
      path: '/orgs/:org_id/reports',
      permission: 'report:read',
      summary: 'List reports, newest first',
      params: orgParams,
      query: reportQuery,
      response: reportPage,
      links: { report_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        const { items, next } = await readTenant(deps.db, tenant, (trx) => listReports(trx, query, page));
        return page.answer({ items: items.map((row) => shown(deps, tenant, row)), next });
      },
    }),
    route({
      name: 'reports.generate',
      method: 'post',
      path: '/orgs/:org_id/reports/generate',
      permission: 'report:generate',
      summary: 'Generate a report from the state of this moment',
      description:
        'A workflow reads everything from one snapshot, renders it and keeps it; follow its status until it is ' +
        'completed. The assessment_id goes with compliance_summary and gap_analysis; the others are about the ' +
        'whole organization and take none',
      params: orgParams,
      body: reportGenerate,
      response: report,
      status: 201,
      limits: [`${REPORTS_PER_HOUR} reports in any hour per organization, whatever became of them`],
      links: { report_id: 'id' },
      async handler({ tenant, body, countsAgainst }) {
        return await generateReport(deps, tenant, body, countsAgainst);
      },
    }),
    route({
      name: 'reports.get',
      method: 'get',
      path: '/orgs/:org_id/reports/:report_id',
      permission: 'report:read',
      summary: 'Get a report: how far it is, the hash of its bytes, why it failed',
      params: reportParams,
      response: report,
      links: { report_id: 'id' },
      async handler({ tenant, params }) {
        return await readReport(deps, tenant, params.report_id);
      },
    }),
    route({
      name: 'reports.delete',
      method: 'delete',
      path: '/orgs/:org_id/reports/:report_id',
      permission: 'report:delete',
      summary: 'Delete a report with its bytes; refused while it is made. It still counts against the hour',
      params: reportParams,
      response: deleted,
      errors: ['CONFLICT'],
      async handler({ tenant, params }) {
        return await deleteReport(deps, tenant, params.report_id);
      },
    }),
    route({
      name: 'reports.cancel',
      method: 'post',
      path: '/orgs/:org_id/reports/:report_id/cancel',
      permission: 'report:generate',
      summary: 'Cancel a report that is being made: it fails and says so',
      description:
        'The report once its workflow has obeyed; else as it is now with `requested`, and it goes on.',
      params: reportParams,
      response: reportCancelled,
      errors: ['CONFLICT'],
      async handler({ tenant, params }) {
        return await cancelReport(deps, tenant, params.report_id);
      },
    }),
    route({
      name: 'reports.download',
      method: 'get',
      path: '/orgs/:org_id/reports/:report_id/download',
      permission: 'report:download',
      summary: 'Download a completed report, or be sent to where its bytes are',
      description: 'Every download is in the audit log. Repr-Digest is the SHA-256 of the bytes (RFC 9530)',
      params: reportParams,
      query: reportDownloadQuery,
      response: raw([CONTENT_TYPE.json, CONTENT_TYPE.pdf, CONTENT_TYPE.xlsx], 'the report', reportDocument),
      errors: ['CONFLICT'],
      alternatives: {
        302: {
          description: 'Where the bytes are, with redirect=true',
          schema: reportLocation,
          headers: { Location: 'the same address, good for five minutes, without sign-in' },
        },
      },
      async handler({ tenant, params, query, header, answerStatus }) {
        if (query.redirect === 'true') {
          const location = await locateReport(deps, tenant, params.report_id);
          answerStatus(302);
          header('Location', location.download_url);
          return JSON.stringify(location);
        }
        const file = await downloadReport(deps, tenant, params.report_id);
        header('Content-Type', file.content_type);
        header('Content-Length', String(file.size));
        header('Content-Disposition', attachment(file.filename));
        header('Repr-Digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`);
        return file.stream;
      },
    }),
  ];
}
