// An incident with what lies around it, in one round trip.
import type { Clock } from '../../domain/incidents/clocks.js';
import type { ObligationView } from '../../domain/incidents/obligation-schema.js';
import type { TimeInPhase, TimelineEntry } from '../../domain/incidents/schema.js';
import type { Task } from '../../domain/incidents/task-schema.js';
import type { TenantReader } from '../tenancy.js';
import { together } from '../together.js';
import { toObligationView, type WordedObligation, wordedObligations } from './obligations.js';
import { clocksOf, found, type ShownIncident, shownIncident } from './repository.js';
import { tasksOf } from './tasks.js';
import { latestTimeline } from './timeline.js';
import { latestVisits, timeInPhases, type VisitRow } from './visits.js';

export interface WholeIncident {
  row: ShownIncident;
  clocks: Clock[];
  /** In the order in which they were made. */
  visits: VisitRow[];
  time_in_phases: TimeInPhase[];
  tasks: Task[];
  obligations: ObligationView[];
  /** In the order in which things happened. */
  timeline: TimelineEntry[];
}

/**
 * @param latest how many visits, and how many entries of the timeline, the newest by time of writing
 * @throws DomainError NOT_FOUND
 */
export async function readWhole(
  trx: TenantReader,
  incident_id: string,
  latest: number,
): Promise<WholeIncident> {
  const [[row], clocks, visits, time_in_phases, tasks, obligations, timeline] = await together<
    [ShownIncident, { record: Clock }, VisitRow, TimeInPhase, Task, WordedObligation, TimelineEntry]
  >(trx, [
    shownIncident(trx, incident_id),
    clocksOf(trx, incident_id),
    latestVisits(trx, incident_id, latest),
    timeInPhases(trx, incident_id),
    tasksOf(trx, incident_id),
    wordedObligations(trx, incident_id),
    latestTimeline(trx, incident_id, latest),
  ]);
  return {
    row: found(row),
    clocks: clocks.map(({ record }) => record),
    visits: visits.toReversed(),
    time_in_phases,
    tasks,
    obligations: obligations.map(toObligationView),
    timeline: timeline.toSorted(byTime),
  };
}

function byTime(a: TimelineEntry, b: TimelineEntry): number {
  return Date.parse(a.timestamp) - Date.parse(b.timestamp) || a.seq - b.seq;
}
