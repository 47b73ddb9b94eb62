import { z } from 'zod';
import { notFound } from '../../domain/errors.js';
import { raw, route, type Route } from '../http/route.js';
import type { Call, None, RawResponse, RouteFacts, Schema } from '../http/spec.js';
import { ASSETS, DOCS_POLICY, PAGE, readAsset } from './page.js';

export interface DocsDeps {
  /** Public with the embedded issuer; elsewhere the document is for people who may sign in. */
  docs_public: boolean;
  /** The document as text; made at the first call, when all routes are known. */
  openapi(): string;
}

const assetParams = z.strictObject({ asset: z.string() });
const CACHE_ASSETS = 'private, max-age=3600';

type Page<P extends Schema> = Pick<RouteFacts, 'name' | 'path' | 'summary'> & {
  params?: P;
  response: RawResponse;
  handler(call: Call<P, None, None>): string | Buffer | Promise<string | Buffer>;
};

/** The same route, open or behind sign-in. */
function forReaders<P extends Schema = None>(deps: DocsDeps, page: Page<P>): Route {
  const common = { ...page, method: 'get', hidden: true } as const;
  return deps.docs_public
    ? route({ ...common, permission: 'public' })
    : route({ ...common, permission: 'signed-in' });
}

function redirect(name: string, path: string): Route {
  return route({
    name,
    method: 'get',
    path,
    root: true,
    permission: 'public',
    hidden: true,
    summary: `Redirects to /api/v1${path}`,
    response: raw('text/plain', 'Nothing'),
    handler(call: Call<None, None, None>) {
      call.header('Location', `/api/v1${path}`);
      call.answerStatus(308);
      return '';
    },
  });
}

export function docsRoutes(deps: DocsDeps): Route[] {
  return [
    forReaders(deps, {
      name: 'docs.openapi',
      path: '/openapi.json',
      summary: 'The OpenAPI document',
      response: raw('application/json', 'OpenAPI 3.0.3'),
      handler: () => deps.openapi(),
    }),
    forReaders(deps, {
      name: 'docs.page',
      path: '/docs',
      summary: 'Swagger UI',
      response: raw('text/html; charset=utf-8', 'Swagger UI'),
      handler(call) {
        call.header('Content-Security-Policy', DOCS_POLICY);
        return PAGE;
      },
    }),
    forReaders(deps, {
      name: 'docs.asset',
      path: '/docs/:asset',
      summary: 'A file of Swagger UI',
      params: assetParams,
      response: raw('application/octet-stream', 'A file of Swagger UI'),
      async handler(call) {
        const asset = ASSETS.find((name) => name === call.params.asset);
        if (asset === undefined) throw notFound('file');
        const { content_type, bytes } = await readAsset(asset);
        call.header('Content-Type', content_type);
        call.header('Cache-Control', CACHE_ASSETS);
        return bytes;
      },
    }),
    redirect('docs.openapi-root', '/openapi.json'),
    redirect('docs.page-root', '/docs'),
  ];
}
