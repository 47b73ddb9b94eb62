// Five runs at once per organization. A slot is a column of the run under a unique index: it is taken and given back
// by the very statement that changes the state, so none can leak and none can be counted twice.
import type { ExecutionLimits } from '../../domain/assessments/rules.js';
import { EXECUTION_SLOTS, type Evaluator } from '../../domain/assessments/rules.js';
import { DomainError } from '../../domain/errors.js';
import type { TenantRef } from '../../domain/tenant.js';
import type { TenantDb } from '../tenancy.js';

// Each lost race means that another run got a slot: after as many as there are slots, all of them are taken.
const ATTEMPTS = EXECUTION_SLOTS + 1;
/** Seconds that a refused caller is asked to wait; a dead run's slot is back by then. */
const RETRY_AFTER_S = 60;

const FREE_SLOT = `
  select s.slot, count(*) over () as free from generate_series(1, ${EXECUTION_SLOTS}) s(slot)
  where not exists (select from assessment_execution e where e.org_id = ? and e.slot = s.slot)
  order by s.slot limit 1`;

function noSlot(): DomainError {
  return new DomainError(
    'RATE_LIMITED',
    `${EXECUTION_SLOTS} assessments of this organization are being executed; wait until one ends or pause one`,
    { retry_after_s: RETRY_AFTER_S },
  );
}

export interface NewExecution {
  id: string;
  assessment_id: string;
  restart: boolean;
  evaluator: Evaluator | null;
  limits: ExecutionLimits;
}

/**
 * The run's row, with the lowest free slot.
 * @returns how many slots were free before. @throws DomainError RATE_LIMITED
 */
export async function insertInSlot(trx: TenantDb, tenant: TenantRef, run: NewExecution): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { rows } = await trx.raw<{ rows: { free: number | null; inserted: number }[] }>(
      `with free as (${FREE_SLOT}), made as (
         insert into assessment_execution
           (org_id, id, assessment_id, status, slot, restart, evaluator, limits, actor_id)
         select ?, ?, ?, 'starting', free.slot, ?, ?, ?, ? from free
         on conflict do nothing returning id)
       select (select free from free) as free, (select count(*) from made) as inserted`,
      [
        tenant.org_id,
        tenant.org_id,
        run.id,
        run.assessment_id,
        run.restart,
        run.evaluator,
        JSON.stringify(run.limits),
        tenant.actor_id,
      ],
    );
    const free = rows[0]?.free ?? null;
    if (free === null) throw noSlot();
    if (rows[0]?.inserted === 1) return free;
  }
  throw noSlot();
}

/** A paused run takes a slot again. @throws DomainError RATE_LIMITED */
export async function retakeSlot(trx: TenantDb, org_id: string, execution_id: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const taken = await tryRetake(trx, org_id, execution_id);
    if (taken === 'taken') return;
    if (taken === 'none_free') throw noSlot();
  }
  throw noSlot();
}

type Retaken = 'taken' | 'none_free' | 'lost';

// In a savepoint: an update has no "on conflict do nothing".
async function tryRetake(trx: TenantDb, org_id: string, execution_id: string): Promise<Retaken> {
  try {
    return await trx.transaction(async (savepoint) => {
      const { rowCount } = await savepoint.raw<{ rowCount: number }>(
        `update assessment_execution e set status = 'starting', slot = free.slot from (${FREE_SLOT}) free
         where e.org_id = ? and e.id = ? and e.status = 'paused'`,
        [org_id, org_id, execution_id],
      );
      return rowCount === 1 ? 'taken' : 'none_free';
    });
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'constraint') === 'execution_slot') return 'lost';
    throw error;
  }
}
