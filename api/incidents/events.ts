// Server-sent events of an incident: `timeline` for each entry, `incident` when it stands elsewhere, `end` once closed.
import type { Readable } from 'node:stream';
import type { IncidentStanding, TimelineEntry } from '../../domain/incidents/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { Database } from '../../db/connection.js';
import { getShownIncident } from '../../db/incidents/repository.js';
import { listTimeline } from '../../db/incidents/timeline.js';
import { readTenant } from '../../db/tenancy.js';
import { createEventStreams, event } from '../http/event-stream.js';

export interface IncidentEventDeps {
  db: Database;
  /** Aborts when the process is about to stop. */
  stopping: AbortSignal;
}

/** Entries read at once. */
const PIECE = 100;

interface News {
  standing: IncidentStanding;
  entries: TimelineEntry[];
  more: boolean;
}

/** @param after_seq what the client has already */
export type FollowIncident = (
  tenant: TenantContext,
  incident_id: string,
  after_seq: number,
  gone: AbortSignal,
) => Promise<Readable>;

export function createIncidentEvents({ db, stopping }: IncidentEventDeps): FollowIncident {
  const streams = createEventStreams(stopping);
  return async (tenant, incident_id, after_seq, gone) => {
    let seen = after_seq;
    let told = '';
    return await streams.open<News>(
      {
        read: () =>
          readTenant(db, tenant, async (trx) => {
            const { id, phase, status, severity, commander_id, assignee_id } = await getShownIncident(
              trx,
              incident_id,
            );
            const request = { limit: PIECE, after: [seen] };
            const { items, next } = await listTimeline(trx, incident_id, 'recorded', request);
            const standing = { id, phase, status, severity, commander_id, assignee_id };
            return { standing, entries: items, more: next !== null };
          }),
        news({ standing, entries }) {
          seen = entries.at(-1)?.seq ?? seen;
          const news = entries.map((entry) => event('timeline', entry, entry.seq));
          const now = JSON.stringify(standing);
          if (now === told) return news;
          told = now;
          return [...news, event('incident', standing)];
        },
        end: ({ standing, more }) =>
          standing.status === 'closed' && !more ? event('end', standing) : undefined,
      },
      gone,
    );
  };
}
