// What proves an incident's timeline, takes it elsewhere, and follows it live.
import { z } from 'zod';
import { incidentBundle } from '../../domain/incidents/bundle-schema.js';
import { incidentParams, incidentStreamEvent, timelineVerdict } from '../../domain/incidents/schema.js';
import type { AnchorStore } from '../../db/audit/anchors.js';
import { readWitnesses, verifyTimeline } from '../../db/incidents/checkpoints.js';
import { getIncident } from '../../db/incidents/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { raw, route, type Route } from '../http/route.js';
import { createIncidentEvents, type IncidentEventDeps } from './events.js';
import { type ExportDeps, exportIncident } from './export.js';

export interface ProofDeps extends ExportDeps, IncidentEventDeps {
  /** Undefined where no object store is configured. */
  anchors: AnchorStore | undefined;
}

const followQuery = z.strictObject({
  after_seq: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .default(0)
    .meta({ description: 'the id of the last timeline event that was received' }),
});

export function incidentProofRoutes(deps: ProofDeps): Route[] {
  const { db, anchors, jwks } = deps;
  const follow = createIncidentEvents(deps);
  return [
    route({
      name: 'incidents.timeline.verify',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id/timeline/verify',
      permission: 'incident:read',
      summary:
        'Recompute the timeline, check its signed checkpoints and their witnesses, name the first wrong entry',
      params: incidentParams,
      response: timelineVerdict,
      async handler({ tenant, params }) {
        const key = { org_id: tenant.org_id, incident_id: params.incident_id };
        await withTenant(db, tenant, (trx) => getIncident(trx, params.incident_id));
        const witnesses = anchors && (await readWitnesses(anchors, key));
        return await withTenant(db, tenant, (trx) => verifyTimeline(trx, key, jwks, witnesses));
      },
    }),
    route({
      name: 'incidents.export',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id/export',
      permission: 'incident:export',
      summary:
        'The whole incident as one signed file; `npm run timeline:verify` checks it without a database',
      params: incidentParams,
      response: raw(
        'application/json',
        'the incident, its timeline, checkpoints and public keys',
        incidentBundle,
      ),
      async handler({ tenant, params, header }) {
        const { ref, stream } = await exportIncident(deps, tenant, params.incident_id);
        header('Content-Disposition', `attachment; filename="${ref}.json"`);
        header('Cache-Control', 'no-store');
        return stream;
      },
    }),
    route({
      name: 'incidents.events.follow',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id/events',
      permission: 'incident:read',
      summary: 'Follow the incident: server-sent events timeline, incident, and end once it is closed',
      params: incidentParams,
      query: followQuery,
      response: raw('text/event-stream', 'events timeline, incident and end', incidentStreamEvent),
      async handler({ tenant, params, query, gone, header, last_event_id }) {
        header('Cache-Control', 'no-store');
        header('X-Accel-Buffering', 'no');
        return await follow(
          tenant,
          params.incident_id,
          Math.max(query.after_seq, last_event_id ?? 0),
          gone(),
        );
      },
    }),
  ];
}
