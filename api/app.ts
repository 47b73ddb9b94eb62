// The Koa application, made of an edge and routes; it reads no environment and opens no port.
import Koa from 'koa';
import type { AppDeps } from './deps.js';
import { crossOrigin } from './http/cross-origin.js';
import type { Edge, EdgeState } from './http/edge.js';
import { outermost } from './http/outermost.js';
import { unmatched } from './http/unmatched.js';
import { buildDocument } from './openapi.js';
import { createRouter, pathOf, resourceRoutes } from './router.js';

export function createApp(edge: Edge, deps: Omit<AppDeps, 'openapi'>): Koa<EdgeState> {
  let document: string | undefined;
  const routes = resourceRoutes({
    ...deps,
    openapi: () => (document ??= JSON.stringify(buildDocument(routes.map((route) => route.spec)))),
  });
  const router = createRouter(edge, routes);
  const app = new Koa<EdgeState>();
  app.proxy = false; // addresses come from addressOf, which knows the trusted peers
  app.on('error', (error: unknown) => edge.log.error({ err: error }, 'koa'));
  app.use(outermost(edge));
  const reached = routes.filter(({ spec }) => spec.from_web_ui === true);
  app.use(
    crossOrigin(
      edge,
      reached.map(({ spec }) => ({ ...spec, path: pathOf(spec) })),
    ),
  );
  app.use(router.routes());
  app.use(unmatched(edge));
  return app;
}
