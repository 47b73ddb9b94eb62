import type { Database } from '../../db/connection.js';
import type { ObjectStore } from '../../db/objects/store.js';
import type { Inventory } from '../assessments/deps.js';
import type { Egress } from '../egress/http.js';
import type { PolicyEngine } from '../policy/types.js';

export interface PlaybookDeps {
  db: Database;
  /** Whether this installation can send e-mail at all. */
  email: boolean;
  egress: Egress;
  inventory: Inventory | undefined;
  policy: PolicyEngine;
  store: Pick<ObjectStore, 'put'>;
}
