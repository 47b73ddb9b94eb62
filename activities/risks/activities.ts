import type { Database } from '../../db/connection.js';
import { expireAcceptance } from '../../db/risks/acceptances.js';
import { withTenant } from '../../db/tenancy.js';
import { translateFailures } from '../failures.js';
import type { RiskActivities } from './types.js';

export interface RiskDeps {
  db: Database;
  /** Whether this installation can send e-mail. */
  email: boolean;
}

/** May be repeated at any point: the row says whether it has happened. */
export function createRiskActivities({ db, email }: RiskDeps): RiskActivities {
  return translateFailures<RiskActivities>({
    async expireAcceptance({ tenant, acceptance_id }) {
      return await withTenant(db, tenant, (trx) => expireAcceptance(trx, tenant, { acceptance_id, email }));
    },
  });
}
