// The few routes that Temporal's Web UI calls from its own origin, with its user's cookie or token; nobody else's pages.
import type { Middleware } from 'koa';
import type { Edge, EdgeState } from './edge.js';
import { limitAnonymous } from './rate-limit.js';

export interface Reachable {
  path: string;
  name: string;
  method: string;
}

/** Undefined for what is no address: nobody is let in by it. */
export function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

const REMEMBERED_S = 600;

export function crossOrigin(edge: Edge, routes: readonly Reachable[]): Middleware<EdgeState> {
  return async (ctx, next) => {
    const reached = routes.find(({ path }) => path === ctx.path);
    if (reached === undefined) return await next();
    // a page gets what was made for another one from no cache
    ctx.vary('Origin');
    const { origin } = ctx.req.headers;
    if (origin === undefined || origin !== edge.web_ui_origin) return await next();
    ctx.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' });
    if (ctx.method !== 'OPTIONS') return await next();
    ctx.state.route = reached.name;
    await limitAnonymous(edge, ctx, undefined);
    ctx.set({
      'Access-Control-Allow-Methods': reached.method.toUpperCase(),
      // versions of the Web UI differ in what they send along
      'Access-Control-Allow-Headers': ctx.get('Access-Control-Request-Headers'),
      'Access-Control-Max-Age': String(REMEMBERED_S),
    });
    ctx.status = 204;
  };
}
