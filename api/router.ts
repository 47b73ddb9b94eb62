// The table of contents of the API.
import Router from '@koa/router';
import { assessmentRoutes } from './assessments/routes.js';
import { auditRoutes } from './audit/routes.js';
import { codecRoutes } from './codec/routes.js';
import type { AppDeps } from './deps.js';
import { docsRoutes } from './docs/routes.js';
import { evidenceRoutes } from './evidence/routes.js';
import { findingRoutes } from './findings/routes.js';
import { frameworkRoutes } from './frameworks/routes.js';
import { healthRoutes } from './health/routes.js';
import type { Edge, EdgeState } from './http/edge.js';
import type { Route, RouteFacts } from './http/spec.js';
import { incidentObligationRoutes } from './incidents/obligation-routes.js';
import { incidentProofRoutes } from './incidents/proof-routes.js';
import { incidentRecordRoutes } from './incidents/record-routes.js';
import { incidentRoutes } from './incidents/routes.js';
import { kriRoutes } from './kris/routes.js';
import { notificationRoutes } from './notifications/routes.js';
import { orgRoutes } from './orgs/routes.js';
import { playbookRoutes } from './playbooks/routes.js';
import { playbookRunRoutes } from './playbooks/run-routes.js';
import { policyRoutes } from './policies/routes.js';
import { reportRoutes } from './reports/routes.js';
import { riskRoutes } from './risks/routes.js';
import { signingRoutes } from './signing/routes.js';
import { userRoutes } from './users/routes.js';

const BASE = '/api/v1';

export type ApiRouter = Router<EdgeState>;

export function resourceRoutes(deps: AppDeps): Route[] {
  return [
    ...healthRoutes(deps),
    ...docsRoutes(deps),
    ...frameworkRoutes(deps),
    ...orgRoutes(deps),
    ...userRoutes(deps),
    ...auditRoutes(deps),
    ...codecRoutes(deps),
    ...assessmentRoutes(deps),
    ...findingRoutes(deps),
    ...evidenceRoutes(deps),
    ...incidentRoutes(deps),
    ...incidentRecordRoutes(deps),
    ...incidentObligationRoutes(deps),
    ...incidentProofRoutes(deps),
    ...kriRoutes(deps),
    ...riskRoutes(deps),
    ...reportRoutes(deps),
    ...notificationRoutes(deps),
    ...signingRoutes(deps),
    ...playbookRoutes(deps),
    ...policyRoutes(deps),
    ...playbookRunRoutes(deps),
  ];
}

export function pathOf({ path, root }: RouteFacts): string {
  return root === true ? path : `${BASE}${path}`;
}

/** Fixed paths must come before paths with parameters: the first that matches answers. */
export function createRouter(edge: Edge, routes: readonly Route[]): ApiRouter {
  const router: ApiRouter = new Router<EdgeState>({ sensitive: true });
  for (const route of routes) {
    const { name, method } = route.spec;
    const guard = route.bind(edge, routes);
    const taken = namesBeside(route, routes);
    const handler: typeof guard = Object.assign(
      (...[ctx, next]: Parameters<typeof guard>) =>
        taken.has(ctx.path.slice(ctx.path.lastIndexOf('/') + 1)) ? next() : guard(ctx, next),
      { spec: guard.spec },
    );
    router.register(pathOf(route.spec), [method], taken.size > 0 ? handler : guard, { name });
  }
  return router;
}

/** What stands where a path has its parameter: `heatmap` is no id, whatever the method. */
function namesBeside({ spec }: Route, routes: readonly Route[]): ReadonlySet<string> {
  const own = pathOf(spec);
  const parent = own.slice(0, own.lastIndexOf('/') + 1);
  if (!own.startsWith(`${parent}:`)) return new Set();
  const names = routes
    .map((route) => pathOf(route.spec))
    .filter((path) => path.startsWith(parent))
    .map((path) => path.slice(parent.length));
  return new Set(names.filter((name) => !/[:/]/.test(name) && name !== ''));
}
