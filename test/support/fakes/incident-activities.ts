// The rows of an incident, played in memory: the workflow's state comes from what it has recorded itself.
import { randomUUID } from 'node:crypto';
import type { IncidentActivities, RecordedChange } from '../../../activities/incidents/types.js';
import type { SlaPolicy } from '../../../domain/incidents/clocks.js';
import { openingClocks } from '../../../domain/incidents/sla.js';
import { apply, carry, type IncidentState } from '../../../domain/incidents/state.js';
import type { IncidentSeverity } from '../../../domain/incidents/rules.js';

export function policyOf(targets: { acknowledge: number; contain: number; resolve: number }): SlaPolicy {
  const { acknowledge, contain, resolve } = targets;
  const severity = (factor: number) => ({
    acknowledge: { ms: acknowledge * factor },
    contain: { ms: contain * factor },
    resolve: { ms: resolve * factor },
    update_cadence: null,
    calendar: null,
  });
  return {
    version: 'test',
    targets: {
      critical: severity(1),
      high: severity(2),
      medium: severity(4),
      low: severity(8),
      informational: severity(16),
    },
    calendars: {},
    ladder: [50, 75, 100, 150].map((percent) => ({ percent, audience: ['admins'], repeat_every_ms: null })),
  };
}

export interface FakeIncident {
  activities: IncidentActivities;
  /** Every change in the order of writing, repetitions left out. */
  changes: RecordedChange[];
  /** `event_type` of every entry, with what it is about. */
  told(): string[];
  /** How often writing will work without its caller hearing of it. */
  loseAnswers(times: number): void;
}

/**
 * @param fails how often writing fails before it works
 * @param now of the server that the workflow runs on, where time is skipped
 */
export function fakeIncident(
  policy: SlaPolicy,
  severity: IncidentSeverity,
  fails = 0,
  now: () => Promise<number> = () => Promise.resolve(Date.now()),
): FakeIncident {
  const changes: RecordedChange[] = [];
  let state: IncidentState | undefined;
  let failures = fails;
  let losses = 0;
  return {
    changes,
    loseAnswers(times) {
      losses = times;
    },
    told: () =>
      changes.flatMap(({ change }) =>
        change.entries.map(({ event_type, data }) =>
          [event_type, data['clock'], data['percent'], data['to']]
            .filter((part) => part !== undefined)
            .join(' '),
        ),
      ),
    activities: {
      async openIncident() {
        const anchored_at = await now();
        state ??= {
          phase: 'detection',
          status: 'open',
          severity,
          commander_id: null,
          assignee_id: null,
          acknowledged_at: null,
          acknowledged_by: null,
          closed_at: null,
          resolution: null,
          pending_severity: null,
          pending_severity_by: null,
          visit_no: 1,
          active_at: anchored_at,
          asked_at: null,
          revision: 0,
          policy,
          anchored_at,
          clocks: openingClocks(policy, {
            severity,
            anchored_at,
            anchor_event: 'created',
            newId: randomUUID,
          }),
        };
        return { ...state, ...carry(state.clocks) };
      },
      recordIncidentChange(input) {
        if (failures > 0) {
          failures -= 1;
          return Promise.reject(new Error('the database is away'));
        }
        if (!state) return Promise.reject(new Error('it has not been opened'));
        const known = changes.some(({ key }) => key === input.key);
        const { revision = state.revision } = input;
        if (known || revision !== state.revision)
          return Promise.resolve({ state: { ...state, ...carry(state.clocks) }, known });
        changes.push(input);
        state = apply(state, input.change);
        if (losses === 0) return Promise.resolve(null);
        losses -= 1;
        return Promise.reject(new Error('the answer is lost'));
      },
    },
  };
}
