// An incident with what lies around it, in one round trip.
import { notFound } from '../../domain/errors.js';
import type { Clock } from '../../domain/incidents/clocks.js';
import type { ObligationView } from '../../domain/incidents/obligation-schema.js';
import type { TimelineEntry } from '../../domain/incidents/schema.js';
import type { Task } from '../../domain/incidents/task-schema.js';
import type { TenantReader } from '../tenancy.js';
import { together } from '../together.js';
import { toObligationView, type WordedObligation, wordedObligations } from './obligations.js';
import { clocksOf, type ShownIncident, shownIncident, type VisitRow, visitsOf } from './repository.js';
import { tasksOf } from './tasks.js';
import { latestTimeline } from './timeline.js';

export interface WholeIncident {
  row: ShownIncident;
  clocks: Clock[];
  visits: VisitRow[];
  tasks: Task[];
  obligations: ObligationView[];
  /** In the order in which things happened. */
  timeline: TimelineEntry[];
}

/**
 * @param entries how many of the timeline, the newest by time of writing
 * @throws DomainError NOT_FOUND
 */
export async function readWhole(
  trx: TenantReader,
  incident_id: string,
  entries: number,
): Promise<WholeIncident> {
  const [[row], clocks, visits, tasks, obligations, timeline] = await together<
    [ShownIncident, { record: Clock }, VisitRow, Task, WordedObligation, TimelineEntry]
  >(trx, [
    shownIncident(trx, incident_id),
    clocksOf(trx, incident_id),
    visitsOf(trx, incident_id),
    tasksOf(trx, incident_id),
    wordedObligations(trx, incident_id),
    latestTimeline(trx, incident_id, entries),
  ]);
  if (!row) throw notFound('incident');
  return {
    row,
    clocks: clocks.map(({ record }) => record),
    visits,
    tasks,
    obligations: obligations.map(toObligationView),
    timeline: timeline.toSorted(byTime),
  };
}

function byTime(a: TimelineEntry, b: TimelineEntry): number {
  return Date.parse(a.timestamp) - Date.parse(b.timestamp) || a.seq - b.seq;
}
