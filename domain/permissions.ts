// Who may do what: the only place. A route names an action; the role comes from the membership row.
import { ROLES, type Role } from './tenant.js';

const READERS = ROLES;
const WRITERS = ['analyst', 'admin'] as const;
const REVIEWERS = ['analyst', 'auditor', 'admin'] as const;
const OVERSEERS = ['auditor', 'admin'] as const;
const ADMINS = ['admin'] as const;

/** Action, and the roles that may do it. A resource of a later issue adds its rows here and nowhere else. */
export const PERMISSIONS = {
  'org:read': READERS,
  'org:update': ADMINS,
  'org:delete': ADMINS,
  'user:read': READERS,
  'user:create': ADMINS,
  'user:update': ADMINS,
  'user:delete': ADMINS,
  'audit:read': OVERSEERS,
  // What stands in Temporal's histories; the organization is in the payload, not in the path.
  'payload:decode': ADMINS,
  'framework:import': WRITERS,
  'assessment:read': READERS,
  'assessment:create': WRITERS,
  'assessment:execute': WRITERS,
  'assessment:pause': WRITERS,
  'assessment:resume': WRITERS,
  'assessment:cancel': WRITERS,
  'assessment:delete': ADMINS,
  // The bundle holds the inputs of each verdict, evidence text among them: a download of evidence.
  'assessment:download': REVIEWERS,
  'finding:read': READERS,
  'finding:update': REVIEWERS,
  'evidence:read': READERS,
  'evidence:upload': WRITERS,
  'evidence:update': WRITERS,
  'evidence:download': REVIEWERS,
  'evidence:delete': ADMINS,
  'risk:read': READERS,
  'risk:create': WRITERS,
  'risk:update': WRITERS,
  'risk:recompute': WRITERS,
  'risk:delete': ADMINS,
  'notification:read': READERS,
  'notification:manage': ADMINS,
  'kri:read': READERS,
  'kri:create': WRITERS,
  'kri:update': WRITERS,
  'kri:measure': WRITERS,
  'kri:delete': ADMINS,
  'incident:read': READERS,
  'incident:create': WRITERS,
  'incident:update': WRITERS,
  'incident:transition': WRITERS,
  'incident:redact': ADMINS,
  // Waiving is for admins and the incident's commander; who that is, the row says.
  'incident:report': WRITERS,
  'policy:read': READERS,
  'policy:test': WRITERS,
  'policy:update': ADMINS,
  'playbook:read': READERS,
  'playbook:import': WRITERS,
  'playbook:execute': WRITERS,
  // Approving is for admins and the incident's commander; who that is, the row says.
  'playbook:approve': WRITERS,
  // All of it in one file, to be taken elsewhere.
  'incident:export': REVIEWERS,
  'report:read': READERS,
  'report:generate': REVIEWERS,
  'report:download': REVIEWERS,
  'report:delete': ADMINS,
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof PERMISSIONS;

export const ACTIONS: readonly string[] = Object.keys(PERMISSIONS);

export function isAllowed(role: Role, action: Action): boolean {
  const roles: readonly Role[] = PERMISSIONS[action];
  return roles.includes(role);
}
