import type { TemporalGate } from '../../../api/commands.js';
import { acceptCommand } from '../../../db/commands/repository.js';
import type { Database } from '../../../db/connection.js';
import { withTenant } from '../../../db/tenancy.js';

/** A Temporal whose workflows say yes to every command at once, and do nothing. */
export function acceptingGate(db: Database): TemporalGate {
  return {
    async deliver(tenant, outbox_id) {
      await withTenant(db, tenant, async (trx) => {
        const row: { command_id: string | null } | undefined = await trx('outbox')
          .select(trx.raw(`payload ->> 'command_id' as command_id`))
          .where({ id: outbox_id })
          .first();
        await acceptCommand(trx, row?.command_id ?? null);
      });
      return { run_id: null };
    },
    ask: () => Promise.resolve(undefined),
  };
}
