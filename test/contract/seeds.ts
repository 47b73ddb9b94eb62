// What exists in the world that is fuzzed. A new resource adds a seeder here, and nothing else.
import type { Role } from '../../domain/tenant.js';
import type { TestApi } from '../support/app.js';
import { seedAssessments } from './seeds/assessments.js';
import { seedCodec } from './seeds/codec.js';
import { seedEvidence } from './seeds/evidence.js';
import { seedFrameworks } from './seeds/frameworks.js';
import { seedIncidents } from './seeds/incidents.js';
import { seedKris } from './seeds/kris.js';
import { seedNotifications } from './seeds/notifications.js';
import { foundOrg, seedOrgs, seedUsers } from './seeds/orgs.js';
import { seedPolicies } from './seeds/policies.js';
import { seedReports } from './seeds/reports.js';
import { seedRisks } from './seeds/risks.js';
import { seedPlaybooks } from './seeds/playbooks.js';
import type { Seeder, Seeds } from './seeds/types.js';
import { findSoc2 } from '../support/soc2.js';

export type { Seeds } from './seeds/types.js';

export interface World {
  email: string;
  seeds: Seeds;
}

// a cursor is good for one list with one set of filters: no document can say which
const seedLists: Seeder = () => Promise.resolve({ '*': { cursor: [] } });

const SEEDERS: readonly Seeder[] = [
  seedLists,
  seedOrgs,
  seedUsers,
  seedCodec,
  seedAssessments,
  seedEvidence,
  seedIncidents,
  seedKris,
  seedNotifications,
  seedPlaybooks,
  seedPolicies,
  seedFrameworks,
  seedRisks,
  seedReports,
];

/** An organization in which somebody has that role, with something behind every path parameter. */
export async function seedWorld(api: TestApi, role: Role): Promise<World> {
  const founder = api.as(`founder@${role}.example`);
  const email = `someone@${role}.example`;
  const org_id = await foundOrg(founder, `${role}.example`, email, role);
  const framework_id = (await findSoc2(founder)).id;
  const seeds: Seeds = {};
  for (const seeder of SEEDERS) {
    const more = await seeder({ api, role, founder, email, org_id, framework_id });
    for (const [operation, fields] of Object.entries(more)) {
      seeds[operation] = { ...seeds[operation], ...fields };
    }
  }
  return { email, seeds };
}
