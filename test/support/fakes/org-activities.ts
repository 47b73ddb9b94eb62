import type { OrgActivities } from '../../../activities/orgs/types.js';

export interface FakeOrgActivities {
  activities: OrgActivities;
  /** Names of those that came through, in order. */
  calls: string[];
}

/** Nothing is there to remove; `before` may fail, or note the time. */
export function fakeOrgActivities(
  before: (name: keyof OrgActivities) => Promise<void> = () => Promise.resolve(),
): FakeOrgActivities {
  const calls: string[] = [];
  const act = async <T>(name: keyof OrgActivities, answer: T): Promise<T> => {
    await before(name);
    calls.push(name);
    return answer;
  };
  return {
    calls,
    activities: {
      cancelOrgWorkflows: () => act('cancelOrgWorkflows', { asked: 2 }),
      removeOrgWorkflows: () => act('removeOrgWorkflows', { removed: 2 }),
      purgeOrgRows: () => act('purgeOrgRows', { removed: 30 }),
      removeOrgObjects: () => act('removeOrgObjects', { removed: 4 }),
      destroyOrgKey: () => act('destroyOrgKey', undefined),
    },
  };
}
