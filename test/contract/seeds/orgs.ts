import type { Role } from '../../../domain/tenant.js';
import type { Caller } from '../../support/app.js';
import { created, type Ground, type Seeds } from './types.js';

const DAY = { from: '09:00', to: '17:00' };
const WEEK = [DAY, DAY, DAY, DAY, DAY, null, null];

/** Settings whose fields have rules between them, and names that stand in a list elsewhere. */
const SETTINGS = {
  appetite: [
    { approaching: 1, exceeds: 5, critical: 10 },
    { approaching: 0, exceeds: 0.5, critical: 125 },
  ],
  notification_webhook: ['https://hooks.invalid/grc'],
  escalation: [[], [{ percent: 50, notify: ['admins'] }]],
  zone: ['UTC', 'Europe/Amsterdam'],
  calendar: ['business'],
  // what a calendar can reach within ten years
  acknowledge: ['PT0.25S', 'PT15M', 'P1D'],
  contain: ['PT4H', 'P5DT1H'],
  resolve: ['PT24H', 'P99D', 'P1DT0.5S'],
  update_cadence: ['PT30M', 'P1D'],
  calendars: [{ business: { zone: 'UTC', hours: WEEK, holidays: ['2026-12-25'] } }],
};

export async function foundOrg(founder: Caller, domain: string, email: string, role: Role): Promise<string> {
  const org_id = await created(founder, '/orgs', { name: domain, domain });
  await created(founder, `/orgs/${org_id}/users`, { email, name: 'Someone', role });
  return org_id;
}

export async function seedOrgs({ founder, role, email, org_id, framework_id }: Ground): Promise<Seeds> {
  const spare = await Promise.all(
    [1, 2].map((index) => foundOrg(founder, `spare-${String(index)}.${role}.example`, email, role)),
  );
  return {
    '*': { org_id: [org_id], framework_id: [framework_id], ...SETTINGS },
    'orgs.delete': { org_id: spare },
  };
}

export async function seedUsers({ founder, role, org_id }: Ground): Promise<Seeds> {
  const add = async (name: string): Promise<string> =>
    await created(founder, `/orgs/${org_id}/users`, {
      email: `${name}@${role}.example`,
      name,
      role: 'viewer',
    });
  const kept = [await add('first'), await add('second')];
  return {
    '*': { user_id: kept, owner_id: kept },
    'users.delete': { user_id: [await add('third'), await add('fourth')] },
  };
}
