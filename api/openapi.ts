// The OpenAPI 3.0.3 document, made of the same records that the guards enforce.
import { z } from 'zod';
import type { ErrorCode } from '../domain/errors.js';
import { KEY_PATTERN } from '../domain/idempotency/rules.js';
import { PERMISSIONS } from '../domain/permissions.js';
import { errorBody } from './http/errors.js';
import { isResource, seenBy } from './http/etag.js';
import { takesKey } from './http/idempotency.js';
import type { RouteFacts, Schema } from './http/spec.js';

type Json = Record<string, unknown>;

const REFUSALS: Record<string, string> = {
  400: 'Unreadable body, path or query',
  401: 'Sign-in is missing or not valid',
  403: 'The role does not allow it',
  404: 'Not found, or not visible to the caller',
  409: 'Duplicate, or not possible in the present state',
  412: 'Changed meanwhile',
  413: 'The body is too large',
  415: 'Not a JSON body',
  422: 'Well-formed, but not valid',
  429: 'Too many requests',
  500: 'Unexpected failure',
  503: 'A dependency is down',
};

const BASE = '/api/v1';
const ABOUT = [
  'Governance, risk and compliance on durable workflows.',
  'Press Authorize and give a Cloudflare Access token as bearer; with the embedded issuer, `npm run token` prints one.',
  'Lists are pages: ask again with `cursor` set to `next_cursor` until that is null. A filter takes several values, ' +
    'with commas or repeated. Errors have one shape, with a `code` to decide by.',
].join('\n\n');
const BYTES = { type: 'string', format: 'binary' };
const INTEGER = { type: 'integer', minimum: 0 };
const HEADERS = {
  'X-Request-Id': {
    required: true,
    description: 'names the request in our logs',
    schema: { type: 'string', format: 'uuid' },
  },
  'X-RateLimit-Limit': { required: true, description: 'calls allowed in the window', schema: INTEGER },
  'X-RateLimit-Remaining': { required: true, description: 'calls left in the window', schema: INTEGER },
  'X-RateLimit-Reset': {
    required: true,
    description: 'Unix seconds at which the oldest counted call leaves the window',
    schema: INTEGER,
  },
};
const RETRY_AFTER = { description: 'seconds after which the same call may succeed', schema: INTEGER };
const ETAG = {
  required: true,
  description: 'of what is shown; for If-Match and If-None-Match',
  schema: { type: 'string' },
};
const REPLAYED = {
  description: 'the first answer to this Idempotency-Key once more; nothing was done again',
  schema: { type: 'string', enum: ['true'] },
};
/** What else a refusal carries, by its status. */
const REFUSAL_HEADERS: Record<string, Json> = {
  401: { 'WWW-Authenticate': { required: true, description: 'how to sign in', schema: { type: 'string' } } },
  429: { 'Retry-After': { ...RETRY_AFTER, required: true } },
  503: { 'Retry-After': RETRY_AFTER },
};

export function buildDocument(specs: readonly RouteFacts[]): Json {
  const shown = specs.filter((spec) => spec.hidden !== true);
  const components: Json = {};
  toSchema(errorBody, components);
  const paths: Record<string, Json> = {};
  for (const spec of shown) {
    const path = pathOf(spec);
    paths[path] = { ...paths[path], [spec.method]: operation(spec, shown, components) };
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Sovereign GRC',
      version: '1.0.0',
      description: ABOUT,
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      headers: HEADERS,
      responses: Object.fromEntries(
        Object.keys(REFUSALS).map((status) => [refusalName(status), refusal(status)]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Cloudflare Access' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'CF_Authorization' },
      },
    },
  };
}

function pathOf(spec: RouteFacts): string {
  return `${spec.root === true ? '' : BASE}${spec.path.replace(/:(\w+)/g, '{$1}')}`;
}

function operation(spec: RouteFacts, all: readonly RouteFacts[], components: Json): Json {
  const open = spec.permission === 'public';
  const roles = rolesOf(spec);
  const remarks = [
    ...(spec.description === undefined ? [] : [`${spec.description}.`.replace(/\.\.$/, '.')]),
    ...(roles === undefined ? [] : [`Roles: ${roles.join(', ')}.`]),
    ...(spec.limits ?? []).map((limit) => `Limit: ${limit}.`),
  ];
  return {
    operationId: spec.name,
    tags: [spec.name.split('.')[0]],
    summary: spec.summary,
    ...(remarks.length > 0 && { description: remarks.join('\n\n') }),
    ...(roles !== undefined && { 'x-roles': roles }),
    parameters: [
      ...parameters(spec.params, 'path', components),
      ...parameters(spec.query, 'query', components),
      ...headers(spec, all),
    ],
    ...(spec.body && {
      requestBody: {
        required: !spec.body.safeParse(undefined).success,
        content: { 'application/json': { schema: toSchema(spec.body, components) } },
      },
    }),
    responses: responses(spec, all, components),
    security: open ? [] : [{ bearer: [] }, { cookie: [] }],
  };
}

/** Undefined where no membership is asked for. */
function rolesOf({ permission }: RouteFacts): readonly string[] | undefined {
  return permission === 'public' || permission === 'signed-in' ? undefined : PERMISSIONS[permission];
}

function headers(spec: RouteFacts, all: readonly RouteFacts[]): Json[] {
  const found: Json[] = [];
  const add = (name: string, description: string, schema: Json = {}): unknown =>
    found.push({ name, in: 'header', required: false, description, schema: { type: 'string', ...schema } });
  if (takesKey(spec))
    add('Idempotency-Key', 'the same key and request get the first answer again, for 24 h', {
      pattern: KEY_PATTERN,
    });
  if (isConditional(spec, all)) add('If-Match', 'ETags of what you have seen, or *: 412 when it has changed');
  if (isResource(spec)) add('If-None-Match', 'ETags of what you hold: 304 when it is that');
  return found;
}

function isConditional(spec: RouteFacts, all: readonly RouteFacts[]): boolean {
  return (
    seenBy(
      spec,
      all.map((each) => ({ spec: each })),
    ) !== undefined
  );
}

function responses(spec: RouteFacts, all: readonly RouteFacts[], components: Json): Json {
  const links = linksOf(spec, all);
  const answers: Record<string, Json> = {
    [String(spec.status ?? 200)]: {
      ...success(spec, components),
      ...(Object.keys(links).length > 0 && { links }),
    },
  };
  for (const [status, { description, schema, headers: said = {} }] of Object.entries(
    spec.alternatives ?? {},
  )) {
    const content = { 'application/json': { schema: toSchema(schema, components) } };
    answers[status] = answer(description, content, textHeaders(said));
  }
  if (isResource(spec)) answers['304'] = answer('As you hold it', {}, { ETag: ETAG });
  for (const status of refusals(spec, all)) {
    answers[status] ??= { $ref: `#/components/responses/${refusalName(status)}` };
  }
  return answers;
}

function textHeaders(said: Readonly<Record<string, string>>): Json {
  const header = (description: string): Json => ({ required: true, description, schema: { type: 'string' } });
  return Object.fromEntries(Object.entries(said).map(([name, words]) => [name, header(words)]));
}

function refusalName(status: string): string {
  return `Refusal${status}`;
}

function refusal(status: string): Json {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return answer(REFUSALS[status] ?? 'Refused', content, REFUSAL_HEADERS[status]);
}

function success(spec: RouteFacts, components: Json): Json {
  const { response } = spec;
  if ('raw' in response) {
    const schema = response.schema ? toSchema(response.schema, components) : { type: 'string' };
    const others = (response.others ?? []).map((type) => [type, { schema: BYTES }]);
    return answer(response.description, {
      [response.content_type]: { schema },
      ...Object.fromEntries(others),
    });
  }
  return answer(
    'Success',
    {
      'application/json': { schema: toSchema(response, components) },
      ...(spec.also && { [spec.also.content_type]: { schema: { type: 'string' } } }),
    },
    { ...(isResource(spec) && { ETag: ETAG }), ...(takesKey(spec) && { 'Idempotent-Replayed': REPLAYED }) },
  );
}

function answer(description: string, content: Json, headers: Json = {}): Json {
  const everywhere = Object.keys(HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return { description, headers: { ...Object.fromEntries(everywhere), ...headers }, content };
}

const BY_CODE: Partial<Record<ErrorCode, string>> = {
  CONFLICT: '409',
  PRECONDITION_FAILED: '412',
  SERVICE_UNAVAILABLE: '503',
};

function refusals(spec: RouteFacts, all: readonly RouteFacts[]): string[] {
  const statuses = new Set(['400', '422', '429', '500', '503']);
  if (spec.permission !== 'public') statuses.add('401').add('403');
  if (spec.params) statuses.add('404');
  if (['post', 'put', 'patch'].includes(spec.method)) statuses.add('413').add('415');
  if (takesKey(spec)) statuses.add('409');
  if (isConditional(spec, all)) statuses.add('412');
  for (const code of spec.errors ?? []) statuses.add(BY_CODE[code] ?? '422');
  return [...statuses].toSorted();
}

/** `{ user_id: 'id' }`: every route that takes user_id can be called with the answer's id. */
function linksOf(spec: RouteFacts, all: readonly RouteFacts[]): Json {
  const links: Json = {};
  for (const [parameter, field] of Object.entries(spec.links ?? {})) {
    for (const target of all.filter((each) => each.path.includes(`:${parameter}`) && each !== spec)) {
      const names = [...target.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
      const known = names.every((name) => name === parameter || spec.path.includes(`:${name}`));
      if (!known) continue;
      links[target.name] = {
        operationId: target.name,
        parameters: Object.fromEntries(
          names.map((name) => [
            name,
            name === parameter ? `$response.body#/${field}` : `$request.path.${name}`,
          ]),
        ),
      };
    }
  }
  return links;
}

function parameters(schema: Schema | undefined, place: 'path' | 'query', components: Json): Json[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, Schema>).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !field.safeParse(undefined).success,
    schema: toSchema(field, components),
    ...(place === 'query' && { style: 'form', explode: false }),
  }));
}

const converted = z.object({
  definitions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/** Named schemas go to the components, once; the rest stays where it is. */
function toSchema(schema: Schema, components: Json): Json {
  const options = { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' } as const;
  const text = JSON.stringify(z.toJSONSchema(schema, options));
  const made: Json = JSON.parse(text.replaceAll('"#/definitions/', '"#/components/schemas/'));
  Object.assign(components, converted.parse(made).definitions);
  const { definitions: _definitions, $schema: _schema, id: _id, ...own } = made;
  return own;
}
