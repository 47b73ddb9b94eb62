// What the incident workflow asks of its activities: to read itself, and to write what it has decided.
import type { Change, IncidentState } from '../../domain/incidents/state.js';
import type { TenantRef } from '../../domain/tenant.js';

export interface IncidentRef {
  tenant: TenantRef;
  incident_id: string;
}

export interface RecordedChange extends IncidentRef {
  /** Of the act: a repetition writes nothing twice. */
  key: string;
  /** Null: the workflow's own doing. */
  command_id: string | null;
  change: Change;
  /** What the workflow takes the rows' number of changes for. Without it, nobody asks. */
  revision?: number;
}

/** Null: it is written. Otherwise the rows are ahead of the workflow, which goes on from them. */
export type Recorded = { state: IncidentState; known: boolean } | null;

export interface IncidentActivities {
  /** The state as the rows have it; notes which run serves the incident now. */
  openIncident: (input: IncidentRef & { run_id: string }) => Promise<IncidentState>;
  /** Rows, clocks, timeline, audit and the command's answer, in one transaction. */
  recordIncidentChange: (input: RecordedChange) => Promise<Recorded>;
}
