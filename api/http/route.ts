import { seenBy } from './etag.js';
import { guard, representation } from './guard.js';
import type { None, RawResponse, Route, RouteSpec, Schema } from './spec.js';

export { inOtherForm, raw } from './spec.js';
export type { Route } from './spec.js';

/** Declares an endpoint. Everything that can be wrong with the record itself is found here, at start. */
export function route<
  P extends Schema = None,
  Q extends Schema = None,
  B extends Schema = None,
  R extends Schema | RawResponse = Schema,
>(spec: RouteSpec<P, Q, B, R>): Route {
  const inTenant = spec.permission !== 'public' && spec.permission !== 'signed-in';
  if (inTenant !== /^\/orgs\/:org_id(\/|$)/.test(spec.path)) {
    throw new Error(`${spec.name}: an organization's route, and only such a one, lies under /orgs/:org_id`);
  }
  const placeholders = [...spec.path.matchAll(/:(\w+)/g)].map((match) => match[1]);
  if (placeholders.length > 0 && spec.params === undefined) {
    throw new Error(`${spec.name}: the path has parameters but no schema for them`);
  }
  return {
    spec,
    bind: (edge, all) => Object.assign(guard(edge, spec, seenBy(spec, all)), { spec }),
    represent: representation(spec),
  };
}
