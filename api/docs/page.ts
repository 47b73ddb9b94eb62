// Swagger UI from our own host, so that it works offline and under a policy that allows nothing else.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const BASE = '/api/v1/docs';

export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The viewer sets style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sovereign GRC API</title>
<link rel="icon" type="image/png" href="${BASE}/favicon-32x32.png">
<link rel="stylesheet" href="${BASE}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${BASE}/swagger-ui-bundle.js"></script>
<script src="${BASE}/swagger-initializer.js"></script>
</body>
</html>
`;

const INITIALIZER = `window.ui = SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'list',
  persistAuthorization: false,
  validatorUrl: null,
});
`;

export const ASSETS = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-initializer.js',
  'favicon-32x32.png',
] as const;
export type Asset = (typeof ASSETS)[number];

const TYPES: Readonly<Record<Asset, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-initializer.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const require = createRequire(import.meta.url);
const held = new Map<Asset, Promise<Buffer>>();

/** Read once, at the first call: nobody who never opens the page pays for its two megabytes. */
export async function readAsset(asset: Asset): Promise<{ content_type: string; bytes: Buffer }> {
  let bytes = held.get(asset);
  if (bytes === undefined) {
    bytes =
      asset === 'swagger-initializer.js'
        ? Promise.resolve(Buffer.from(INITIALIZER))
        : readFile(require.resolve(`swagger-ui-dist/${asset}`));
    held.set(asset, bytes);
  }
  return { content_type: TYPES[asset], bytes: await bytes };
}
