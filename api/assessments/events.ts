// Server-sent events of a run: `progress` when something changed, `end` when nothing will change any more.
import type { Readable } from 'node:stream';
import { isEnded } from '../../domain/assessments/rules.js';
import type { TenantContext } from '../../domain/tenant.js';
import { getProgress } from '../../db/assessments/progress.js';
import type { Database } from '../../db/connection.js';
import { readTenant } from '../../db/tenancy.js';
import { createEventStreams, event } from '../http/event-stream.js';

export interface EventDeps {
  db: Database;
  /** Aborts when the process is about to stop. */
  stopping: AbortSignal;
}

export type OpenEvents = (
  tenant: TenantContext,
  assessment_id: string,
  gone: AbortSignal,
) => Promise<Readable>;

export function createEvents({ db, stopping }: EventDeps): OpenEvents {
  const streams = createEventStreams(stopping);
  return async (tenant, assessment_id, gone) => {
    let sent = '';
    return await streams.open(
      {
        async read() {
          const { progress } = await readTenant(db, tenant, (trx) => getProgress(trx, assessment_id));
          return progress;
        },
        news(progress) {
          // the estimate moves with the clock; alone it is no news
          const key = JSON.stringify({ ...progress, eta_seconds: null });
          if (key === sent) return [];
          sent = key;
          return [event('progress', progress)];
        },
        end: (progress) => (isEnded(progress.status) ? event('end', progress) : undefined),
      },
      gone,
    );
  };
}
