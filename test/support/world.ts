// One line a route: who may call it by the contract, and an example of what it works on. The matrices under
// test/security ask every route their questions by it; a route that is not here fails them by its name.
import type { RouteFacts } from '../../api/http/spec.js';
import { ASSESSMENT_REFERENCES, ASSESSMENTS } from './worlds/assessments.js';
import { EVIDENCE, EVIDENCE_REFERENCES } from './worlds/evidence.js';
import { INCIDENT_REFERENCES, INCIDENTS } from './worlds/incidents.js';
import { KRIS } from './worlds/kris.js';
import { NOTIFICATIONS } from './worlds/notifications.js';
import { ORG_REFERENCES, ORGS } from './worlds/orgs.js';
import { PLAYBOOKS } from './worlds/playbooks.js';
import { POLICIES } from './worlds/policies.js';
import { REPORTS } from './worlds/reports.js';
import { RISKS } from './worlds/risks.js';
import { PLATFORM, PLATFORM_REFERENCES } from './worlds/platform.js';
import type { Entries, Entry, References } from './worlds/types.js';

export type * from './worlds/types.js';
export { PEOPLE_FIELDS } from './worlds/orgs.js';
export { createWorld, endOrg, everybody } from './worlds/people.js';

const ENTRIES: Entries = {
  ...PLATFORM,
  ...ORGS,
  ...ASSESSMENTS,
  ...EVIDENCE,
  ...INCIDENTS,
  ...KRIS,
  ...NOTIFICATIONS,
  ...PLAYBOOKS,
  ...POLICIES,
  ...REPORTS,
  ...RISKS,
};

const REFERENCES: References = {
  ...PLATFORM_REFERENCES,
  ...ORG_REFERENCES,
  ...ASSESSMENT_REFERENCES,
  ...EVIDENCE_REFERENCES,
  ...INCIDENT_REFERENCES,
};

export const ENTRY_NAMES: readonly string[] = Object.keys(ENTRIES);

export function entryOf({ name }: RouteFacts): Entry {
  const entry = ENTRIES[name];
  if (!entry) throw new Error(`${name}: who may call it, and on what? Add it to test/support/world.ts`);
  return entry;
}

export function referenceOf(field: string): References[string] {
  const make = REFERENCES[field];
  if (!make) throw new Error(`${field}: ids of what? Add it to the references of test/support/world.ts`);
  return make;
}
