// Server-sent events of a run: `progress` when something changed, `end` when nothing will change any more.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isEnded } from '../../domain/assessments/rules.js';
import type { AssessmentProgress } from '../../domain/assessments/schema.js';
import { DomainError } from '../../domain/errors.js';
import type { TenantContext } from '../../domain/tenant.js';
import { getProgress } from '../../db/assessments/progress.js';
import type { Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';

/** One indexed statement per stream; faster than this no eye sees. */
const POLL_MS = 500;
/** Proxies close what is silent for a minute. */
const BEAT_MS = 15_000;
/** A stream ends then and the browser opens it again: a removed member does not listen on for ever. */
const LONGEST_MS = 15 * 60_000;
/** Streams of this process at once. */
const MOST_STREAMS = 200;

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
  let open = 0;

  async function read(tenant: TenantContext, assessment_id: string): Promise<AssessmentProgress> {
    const { progress } = await withTenant(db, tenant, (trx) => getProgress(trx, assessment_id));
    return progress;
  }

  async function* follow(
    tenant: TenantContext,
    assessment_id: string,
    first: AssessmentProgress,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    open += 1;
    try {
      yield 'retry: 2000\n\n';
      const until = Date.now() + LONGEST_MS;
      let sent = '';
      let beat_at = Date.now() + BEAT_MS;
      for (let progress = first; Date.now() < until; progress = await read(tenant, assessment_id)) {
        // the estimate moves with the clock; alone it is no news
        const key = JSON.stringify({ ...progress, eta_seconds: null });
        if (key !== sent) {
          yield event('progress', progress);
          sent = key;
          beat_at = Date.now() + BEAT_MS;
        } else if (Date.now() >= beat_at) {
          yield ': still here\n\n';
          beat_at = Date.now() + BEAT_MS;
        }
        if (isEnded(progress.status)) {
          yield event('end', progress);
          return;
        }
        await sleep(POLL_MS, undefined, { signal });
      }
    } catch (error) {
      // The headers are out already: whoever listens connects again and is told then.
      if (!signal.aborted && !(error instanceof DomainError)) throw error;
    } finally {
      open -= 1;
    }
  }

  return async (tenant, assessment_id, gone) => {
    if (open >= MOST_STREAMS) {
      throw new DomainError('SERVICE_UNAVAILABLE', 'too many open event streams', { retry_after_s: 5 });
    }
    const first = await read(tenant, assessment_id);
    const signal = AbortSignal.any([gone, stopping]);
    return Readable.from(follow(tenant, assessment_id, first, signal), { objectMode: false });
  };
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
