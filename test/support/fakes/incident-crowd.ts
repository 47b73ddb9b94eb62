// Many incidents on one worker, each with rows of its own in memory.
import type { IncidentActivities } from '../../../activities/incidents/types.js';
import type { FakeIncident } from './incident-activities.js';

export interface FakeCrowd {
  activities: IncidentActivities;
  /** As its workflow has written it; made when it is asked for. */
  of(incident_id: string): FakeIncident;
}

export function fakeCrowd(make: () => FakeIncident): FakeCrowd {
  const known = new Map<string, FakeIncident>();
  const of = (incident_id: string): FakeIncident => {
    const incident = known.get(incident_id) ?? make();
    known.set(incident_id, incident);
    return incident;
  };
  return {
    of,
    activities: {
      openIncident: (input) => of(input.incident_id).activities.openIncident(input),
      recordIncidentChange: (input) => of(input.incident_id).activities.recordIncidentChange(input),
    },
  };
}
