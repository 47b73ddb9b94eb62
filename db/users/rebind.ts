// For who comes back with another identity behind the same address, and for who has lost a device.
import { DomainError } from '../../domain/errors.js';
import { appendAudit } from '../audit/repository.js';
import { connect } from '../connection.js';
import { withOwner } from '../tenancy.js';

/**
 * Ends the person's sessions; the next sign-in binds the address anew. The account is global, so this is the
 * operator's word and no admin's. Answers in how many organizations it stands on the audit log.
 * @throws DomainError NOT_FOUND when nobody has this address
 */
export async function rebindUser(database_url: string, email: string): Promise<number> {
  const db = connect({ url: database_url, pool_max: 1, application_name: 'grc-user-rebind' });
  try {
    return await withOwner(db, async (trx, within) => {
      const [account] = await trx('app_user')
        .where({ email })
        .update({ access_sub: null, sessions_revoked_at: trx.raw('clock_timestamp()') })
        .returning<{ id: string }[]>('id');
      if (account === undefined) throw new DomainError('NOT_FOUND', `nobody has the address ${email}`);
      const memberships: { org_id: string }[] = await trx('membership')
        .select('org_id')
        .where({ user_id: account.id })
        .whereNull('ended_at')
        .orderBy('org_id');
      for (const { org_id } of memberships) {
        const actor = { org_id, actor_id: null, request_id: 'user-rebind' };
        await appendAudit(await within(org_id), actor, {
          action: 'user.rebind',
          resource_type: 'user',
          resource_id: account.id,
        });
      }
      return memberships.length;
    });
  } finally {
    await db.destroy();
  }
}
