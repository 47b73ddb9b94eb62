import type { Database } from '../../db/connection.js';
import { remindReviewers } from '../../db/findings/reviews.js';
import { withTenant } from '../../db/tenancy.js';
import { translateFailures } from '../failures.js';
import type { ReviewActivities } from './types.js';

/** May be repeated at any point: the findings say who was reminded. */
export function createReviewActivities({ db }: { db: Database }): ReviewActivities {
  return translateFailures<ReviewActivities>({
    async remindReviewers({ tenant, ...review }) {
      return await withTenant(db, tenant, (trx) => remindReviewers(trx, tenant, review));
    },
  });
}
