import { Context, log } from '@temporalio/activity';
import { finishPurge, listPurgeTables, purgeRows } from '../../db/orgs/purge.js';
import { withTenant } from '../../db/tenancy.js';
import { DomainError } from '../../domain/errors.js';
import { translateFailures } from '../failures.js';
import type { OrgDeps } from './deps.js';
import type { OrgActivities } from './types.js';

/** Below the statement timeout of the application's role, whatever the table. */
const BATCH_ROWS = 1_000;
const CLEANUP_MS = 30_000;
/** Temporal's lists lag behind what was done by about a second. */
const LOOK_MS = 500;
/** Then the activity is tried again: something keeps starting workflows, or the lists are stuck. */
const REMOVAL_MS = 120_000;
const OBJECTS_AT_ONCE = 8;
/** The first part of every key that the product writes; what follows is the organization's id. */
const OBJECT_FOLDERS = ['evidence', 'quarantine', 'reports'] as const;

/** Each may be repeated at any point: what is gone is not missed. */
export function createOrgActivities(deps: OrgDeps): OrgActivities {
  const { db, store, executions, cleanup_ms = CLEANUP_MS, batch_rows = BATCH_ROWS } = deps;

  async function cancelAll(org_id: string): Promise<number> {
    const open = await executions.listOpen(org_id);
    for (const execution of open) {
      alive(open.length);
      await executions.cancel(execution);
    }
    return open.length;
  }

  async function letCleanUp(org_id: string): Promise<void> {
    const end = Date.now() + cleanup_ms;
    while (Date.now() < end && (await executions.listOpen(org_id)).length > 0) await pause();
  }

  return translateFailures<OrgActivities>({
    async cancelOrgWorkflows({ tenant }) {
      const schedules = await executions.removeSchedules(tenant.org_id);
      const asked = await cancelAll(tenant.org_id);
      log.info('a deleted organization ends its workflows', { asked, schedules });
      return { asked };
    },

    async removeOrgWorkflows({ tenant }) {
      const { org_id } = tenant;
      await executions.removeSchedules(org_id);
      if ((await cancelAll(org_id)) > 0) await letCleanUp(org_id);
      const removed = new Set<string>();
      const end = Date.now() + REMOVAL_MS;
      for (;;) {
        const left = await executions.list(org_id);
        if (left.length === 0) break;
        if (Date.now() > end) throw new DomainError('SERVICE_UNAVAILABLE', 'workflows are still listed');
        for (const execution of left) {
          if (removed.has(execution.run_id)) continue;
          await executions.remove(execution);
          removed.add(execution.run_id);
          alive(removed.size);
        }
        await pause();
      }
      log.info('the histories of an organization are removed', { removed: removed.size });
      return { removed: removed.size };
    },

    async purgeOrgRows({ tenant }) {
      const { org_id } = tenant;
      const tables = await withTenant(db, tenant, (trx) => listPurgeTables(trx));
      let removed = carried();
      for (const table of tables) {
        for (;;) {
          const rows = await withTenant(db, tenant, (trx) => purgeRows(trx, org_id, table, batch_rows));
          if (rows === 0) break;
          removed += rows;
          alive(removed);
        }
      }
      log.info('the rows of an organization are removed', { removed, tables: tables.length });
      return { removed };
    },

    async removeOrgObjects({ tenant }) {
      let removed = carried();
      for (const folder of OBJECT_FOLDERS) {
        for (;;) {
          const keys = await store.listSome(`${folder}/${tenant.org_id}/`);
          if (keys.length === 0) break;
          for (let from = 0; from < keys.length; from += OBJECTS_AT_ONCE) {
            const some = keys.slice(from, from + OBJECTS_AT_ONCE);
            await Promise.all(some.map((key) => store.remove(key)));
            removed += some.length;
            alive(removed);
          }
        }
      }
      log.info('the objects of an organization are removed', { removed });
      return { removed };
    },

    async destroyOrgKey({ tenant }) {
      await withTenant(db, tenant, (trx) => finishPurge(trx, tenant.org_id));
      log.info('an organization is purged, its key destroyed');
    },
  });
}

/** A sign of life that carries the count; also where a cancelled or drained activity stops. */
function alive(count: number): void {
  const { cancellationSignal, heartbeat } = Context.current();
  heartbeat(count);
  if (cancellationSignal.aborted) throw cancellationSignal.reason;
}

/** What the attempts before this one have removed. */
function carried(): number {
  const { heartbeatDetails } = Context.current().info;
  return typeof heartbeatDetails === 'number' ? heartbeatDetails : 0;
}

async function pause(): Promise<void> {
  Context.current().heartbeat();
  await Context.current().sleep(LOOK_MS);
}
