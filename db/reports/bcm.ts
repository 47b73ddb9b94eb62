import type { BcmImpactAnalysis } from '../../domain/reports/bcm-schema.js';
import type { Head } from './head.js';

const NOTHING_YET = 'No business processes are recorded yet: there is nothing to analyse.';

/** Nothing is kept of business continuity yet, and that is what the report says. */
export function gatherBcm(head: Head): BcmImpactAnalysis {
  return {
    type: 'bcm_impact_analysis',
    ...head,
    notes: [NOTHING_YET],
    summary: {
      processes: 0,
      criticality: { mission_critical: 0, business_critical: 0, business_operational: 0, administrative: 0 },
      nodes: 0,
      dependencies: 0,
      single_points: 0,
      conflicts: 0,
      without_owner: 0,
      untested: 0,
    },
    processes: [],
    nodes: [],
    edges: [],
    single_points: [],
    tiers: [],
    conflicts: [],
  };
}
