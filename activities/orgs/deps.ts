// What the activities on organizations are made of; workers put it together, tests hand in their own.
import type { Database } from '../../db/connection.js';
import type { ObjectStore } from '../../db/objects/store.js';

/** An organization's executions and schedules at Temporal. Each call may be repeated. */
export interface OrgExecutions {
  /** Open ones, the deletion's own left out. */
  listOpen(org_id: string): Promise<Execution[]>;
  /** Open and closed ones. */
  list(org_id: string): Promise<Execution[]>;
  /** One that has ended, or is not there, is fine. */
  cancel(execution: Execution): Promise<void>;
  /** With its history; an open one is terminated. */
  remove(execution: Execution): Promise<void>;
  /** @returns how many there were */
  removeSchedules(org_id: string): Promise<number>;
}

export interface Execution {
  workflow_id: string;
  run_id: string;
}

export interface OrgDeps {
  db: Database;
  store: Pick<ObjectStore, 'listSome' | 'remove'>;
  executions: OrgExecutions;
  /** How long a cancelled workflow may take to clean up before it is removed as it is; 30 s if not given. */
  cleanup_ms?: number;
  /** Rows removed in one transaction; 1000 if not given. */
  batch_rows?: number;
}
