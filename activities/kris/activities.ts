import { Context } from '@temporalio/activity';
import type { Database } from '../../db/connection.js';
import { findLockedKri, findKri } from '../../db/kris/repository.js';
import { guardQuery } from '../../db/kris/sql-guard.js';
import { recordFailure, recordValue } from '../../db/kris/values.js';
import { findSteampipe, type SteampipeMapping } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import type { Kri } from '../../domain/kris/schema.js';
import { beating } from '../assessments/heartbeat.js';
import { translateFailures } from '../failures.js';
import type { Steampipe } from '../steampipe/client.js';
import type { Measured } from '../steampipe/measure.js';
import type { QueryFailure } from '../steampipe/session.js';
import type { KriActivities, KriCollecting } from './types.js';

export interface KriDeps {
  db: Database;
  /** Undefined where no inventory is configured. */
  steampipe: Pick<Steampipe, 'measure'> | undefined;
  /** Whether this installation can send e-mail. */
  email: boolean;
}

const NOT_CONFIGURED = 'no inventory is configured for the organization';
const REASONS = {
  unreachable: 'the inventory does not answer',
  error: 'the collection has failed on our side',
} as const;

export function createKriActivities(deps: KriDeps): KriCollecting & KriActivities {
  const { db, email } = deps;
  return translateFailures<KriCollecting & KriActivities>({
    async collectKri({ tenant, kri_id, collection_id, by_schedule }) {
      const { kri, mapping } = await withTenant(db, tenant, async (trx) => ({
        kri: await findKri(trx, kri_id),
        mapping: await findSteampipe(trx),
      }));
      const query = kri && queryOf(kri, by_schedule);
      if (query === undefined) return { outcome: 'skipped' };
      const measured_at = new Date().toISOString();
      const began = performance.now();
      const answer = await ask(deps, query, mapping);
      const duration_ms = Math.round(performance.now() - began);
      return await withTenant(db, tenant, async (trx) => {
        const now = await findLockedKri(trx, kri_id);
        // an answer to another question than the one that is asked now
        if (!now || queryOf(now, by_schedule) !== query) return { outcome: 'skipped' };
        if ('failure' in answer) {
          await recordFailure(trx, tenant, now, { collection_id, duration_ms }, answer.failure);
          return { outcome: 'failed' };
        }
        const { value, rows_sha256 } = answer;
        const collected = { collection_id, duration_ms, rows_sha256 };
        await recordValue(trx, tenant, now, { value, measured_at, collected, email });
        return { outcome: 'measured' };
      });
    },

    async failKriCollection({ tenant, kri_id, collection_id, reason }) {
      await withTenant(db, tenant, async (trx) => {
        const kri = await findLockedKri(trx, kri_id);
        if (kri) await recordFailure(trx, tenant, kri, { collection_id, duration_ms: 0 }, REASONS[reason]);
      });
    },
  });
}

/** Undefined when there is nothing to collect; what a person asks for is collected while the schedule is paused. */
function queryOf(kri: Kri, by_schedule: boolean): string | undefined {
  return kri.paused && by_schedule ? undefined : (kri.steampipe_query ?? undefined);
}

/** The guard again: it may have learned since the query was written. */
async function ask(
  { steampipe }: KriDeps,
  query: string,
  mapping: SteampipeMapping | undefined,
): Promise<Measured | QueryFailure> {
  if (steampipe === undefined || mapping === undefined) return { failure: NOT_CONFIGURED };
  const { schema_name: schema, role_name: role } = mapping;
  const guarded = await guardQuery(query, [schema]);
  if (!guarded.ok) return { failure: `the query is refused: ${guarded.detail}` };
  const { cancellationSignal } = Context.current();
  return await beating(
    () => ({}),
    () => steampipe.measure(guarded.sql, { schema, role }, cancellationSignal),
  );
}
