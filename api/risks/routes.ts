import { heatmapPicture } from '../../domain/risks/heatmap.js';
import {
  heatmap,
  heatmapQuery,
  recomputeResult,
  riskCreate,
  riskDetail,
  riskHistoryPage,
  riskHistoryQuery,
  riskPage,
  riskParams,
  riskQuery,
  riskUpdate,
} from '../../domain/risks/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { deleted } from '../../domain/schema.js';
import { getRisk, listChanges, listRisks, requireRisk } from '../../db/risks/repository.js';
import { readTenant } from '../../db/tenancy.js';
import type { CommandDeps } from '../commands.js';
import { inOtherForm, raw, route, type Route } from '../http/route.js';
import { changeRisk, createRisk, deleteRisk, readHeatmap, recomputeRisks } from './use-cases.js';

const SVG = 'image/svg+xml';

export function riskRoutes(deps: CommandDeps): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'risks.list',
      method: 'get',
      path: '/orgs/:org_id/risks',
      permission: 'risk:read',
      summary: 'List the risk register, newest first',
      params: orgParams,
      query: riskQuery,
      response: riskPage,
      links: { risk_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(db, tenant, (trx) => listRisks(trx, query, page)));
      },
    }),
    route({
      name: 'risks.create',
      method: 'post',
      path: '/orgs/:org_id/risks',
      permission: 'risk:create',
      summary: 'Enter a risk, with the controls that hold it down',
      params: orgParams,
      body: riskCreate,
      response: riskDetail,
      status: 201,
      links: { risk_id: 'id' },
      async handler({ tenant, body }) {
        return await createRisk(deps, tenant, body);
      },
    }),
    route({
      name: 'risks.heatmap',
      method: 'get',
      path: '/orgs/:org_id/risks/heatmap',
      permission: 'risk:read',
      summary: 'Count open risks by likelihood and impact, as numbers or as a picture',
      params: orgParams,
      query: heatmapQuery,
      response: heatmap,
      also: raw(SVG, 'the same as a picture for a slide'),
      async handler({ tenant, query, accepts }) {
        const { status: statuses = ['open'], view } = query;
        const { map, organization } = await readHeatmap(deps, tenant, statuses);
        const form = query.format ?? (accepts(['application/json', SVG]) === SVG ? 'svg' : 'json');
        if (form === 'json') return map;
        const date = new Date().toISOString().slice(0, 10);
        return inOtherForm(heatmapPicture({ map, organization, date, view, statuses }));
      },
    }),
    route({
      name: 'risks.recompute',
      method: 'post',
      path: '/orgs/:org_id/risks/recompute',
      permission: 'risk:recompute',
      summary: 'Hold every risk against the latest findings of its controls',
      description: 'Happens by itself with every finding that changes; this is for after a repair by hand',
      params: orgParams,
      response: recomputeResult,
      async handler({ tenant }) {
        return await recomputeRisks(deps, tenant);
      },
    }),
    route({
      name: 'risks.get',
      method: 'get',
      path: '/orgs/:org_id/risks/:risk_id',
      permission: 'risk:read',
      summary: 'Get a risk with its controls and what was last found of them',
      params: riskParams,
      response: riskDetail,
      links: { risk_id: 'id' },
      async handler({ tenant, params }) {
        return await readTenant(db, tenant, (trx) => getRisk(trx, params.risk_id));
      },
    }),
    route({
      name: 'risks.update',
      method: 'put',
      path: '/orgs/:org_id/risks/:risk_id',
      permission: 'risk:update',
      summary: 'Change what is named; accept it with a reason, and until when',
      params: riskParams,
      body: riskUpdate,
      response: riskDetail,
      links: { risk_id: 'id' },
      async handler({ tenant, params, body }) {
        return await changeRisk(deps, tenant, params.risk_id, body);
      },
    }),
    route({
      name: 'risks.delete',
      method: 'delete',
      path: '/orgs/:org_id/risks/:risk_id',
      permission: 'risk:delete',
      summary: 'Remove a risk from the register, with its history',
      params: riskParams,
      response: deleted,
      async handler({ tenant, params }) {
        return await deleteRisk(deps, tenant, params.risk_id);
      },
    }),
    route({
      name: 'risks.history',
      method: 'get',
      path: '/orgs/:org_id/risks/:risk_id/history',
      permission: 'risk:read',
      summary: 'Every change of a risk, newest first: who or what moved it, from what to what',
      params: riskParams,
      query: riskHistoryQuery,
      response: riskHistoryPage,
      async handler({ tenant, params, page }) {
        return page.answer(
          await readTenant(db, tenant, async (trx) => {
            await requireRisk(trx, params.risk_id);
            return await listChanges(trx, params.risk_id, page);
          }),
        );
      },
    }),
  ];
}
