import type { Database } from '../../db/connection.js';
import { failpoint } from '../../db/failpoint.js';
import { recordChange } from '../../db/incidents/change.js';
import { openIncident } from '../../db/incidents/state.js';
import { withTenant } from '../../db/tenancy.js';
import { translateFailures } from '../failures.js';
import type { IncidentActivities } from './types.js';

export interface IncidentDeps {
  db: Database;
  /** Whether this installation can send e-mail. */
  email: boolean;
}

/** Each may be repeated at any point: the timeline says what is written already. */
export function createIncidentActivities({ db, email }: IncidentDeps): IncidentActivities {
  return translateFailures<IncidentActivities>({
    async openIncident({ tenant, incident_id, run_id }) {
      return await withTenant(db, tenant, (trx) => openIncident(trx, incident_id, run_id));
    },

    async recordIncidentChange({ tenant, ...request }) {
      const recorded = await withTenant(db, tenant, (trx) =>
        recordChange(trx, tenant, { ...request, email }),
      );
      failpoint('after_record');
      return recorded;
    },
  });
}
