// Every route of the product as its own specification, and what all matrices need to ask it something.
import pino from 'pino';
import { readApiConfig } from '../../api/config.js';
import { wire } from '../../api/deps.js';
import type { RouteFacts } from '../../api/http/spec.js';
import { resourceRoutes } from '../../api/router.js';
import { withClient } from '../../local/postgres/databases.js';
import type { Answer } from '../support/http.js';
import { entryOf, type Input, type Maker, type World, type WorldOrg } from '../support/world.js';

export const ROUTES: readonly RouteFacts[] = await readRoutes();
export const TENANT_ROUTES = ROUTES.filter((spec) => spec.path.startsWith('/orgs/:org_id'));

/** Nothing is connected to: the routes are only read. */
async function readRoutes(): Promise<RouteFacts[]> {
  const config = readApiConfig({
    DATABASE_APP_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    ACCESS_TEAM_DOMAIN: 'http://127.0.0.1:1',
    ACCESS_AUD: 'none',
    PAYLOAD_KEYS: `none:${Buffer.alloc(32).toString('base64')}`,
  });
  const log = pino({ level: 'silent' });
  const wiring = wire(config, { log, version: '', parse_responses: false, process_metrics: false });
  const specs = resourceRoutes({ ...wiring.routes, openapi: () => '' }).map((route) => route.spec);
  await wiring.close();
  return specs;
}

export function routeNamed(name: string): RouteFacts {
  const spec = ROUTES.find((route) => route.name === name);
  if (!spec) throw new Error(`there is no route ${name}`);
  return spec;
}

export const MISSING_ID = '0198c0de-0000-7000-8000-00000000dead';

/** Path parameters beside the organization. */
export function objectParams({ path }: RouteFacts): string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '').filter((name) => name !== 'org_id');
}

const nothing: Maker = () => Promise.resolve({});

/** An accepted call on a new object of the organization. */
export async function exampleOf(
  world: World,
  org: WorldOrg,
  spec: RouteFacts,
): Promise<Input & { params: Record<string, string> }> {
  const { object = nothing, body, before } = entryOf(spec);
  await before?.(world, org);
  const params = { ...(await object(world, org)), org_id: org.org_id };
  const example = body === undefined ? exampleBody(spec) : await body(world, org, params);
  return { params, ...(example !== undefined && { body: example }) };
}

function exampleBody({ body }: RouteFacts): unknown {
  return body?.meta()?.['example'];
}

export function statusOf(spec: RouteFacts): number {
  return entryOf(spec).status ?? spec.status ?? 200;
}

/** What two refusals of the same kind have in common: everything but the request's own number. */
export function refusalOf({ status, body }: Answer): unknown {
  const { request_id: _own, ...rest } = body;
  return { status, ...rest };
}

// The log of who was refused grows by design, and so do the counters of calls.
const NOT_STATE = ['audit_log', 'audit_head', 'audit_personal', 'rate_window'];

/** A hash of all rows of each table, of every organization. */
export async function snapshot(world: World): Promise<Record<string, string>> {
  return await withClient(world.api.database.owner_url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename <> all($1) order by 1`,
      [NOT_STATE],
    );
    const hashes = tables.map(
      ({ name }) =>
        `select '${name}' as name, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash from "${name}" t`,
    );
    const { rows } = await client.query<{ name: string; hash: string }>(hashes.join(' union all '));
    return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
  });
}

/** One after the other in a few lanes: a crowd would be turned away as overload. */
export async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([lane(), lane(), lane(), lane(), lane(), lane()]);
}
