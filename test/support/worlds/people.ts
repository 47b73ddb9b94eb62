// Three organizations and everybody who may knock: members of each role as persons and as machines, people who were
// removed, members of an organization that is gone, and a stranger.
import { randomUUID } from 'node:crypto';
import type { RouteFacts } from '../../../api/http/spec.js';
import { connect } from '../../../db/connection.js';
import { type Role, ROLES } from '../../../domain/tenant.js';
import { startTestApi, type TestApi } from '../app.js';
import { acceptingGate } from '../fakes/temporal-gate.js';
import type { Answer } from '../http.js';
import { startEmbeddedStore } from '../object-stores.js';
import type { Input, Person, World, WorldOrg } from './types.js';

/** Configured, and away: nothing that a route answers waits for it. */
const NO_INVENTORY = 'postgres://nobody@127.0.0.1:1/inventory';

export const BASE = '/api/v1';

export async function createWorld(): Promise<World> {
  const objects = await startEmbeddedStore();
  const env = { STEAMPIPE_DATABASE_URL: NO_INVENTORY, ...objects.env };
  const api = await startTestApi(env, undefined, ({ routes }) => ({
    // nobody reads an upload here
    routes: { temporal: acceptingGate(routes.db), verify_wait_ms: 0 },
  }));
  const db = connect({ url: api.database.app_url, pool_max: 4, application_name: 'world' });
  const found = (): Promise<WorldOrg> => foundOrg(api);
  const [ours, theirs, gone] = await Promise.all([found(), found(), found()]);
  return {
    api,
    db,
    store: objects.store,
    ours,
    theirs,
    gone,
    stranger: await signIn(api, 'a stranger', `stranger-${randomUUID()}@world.example`),
    found,
    call: (who, spec, input) => send(api, who, spec, input),
    async stop() {
      await db.destroy();
      await api.stop();
      await objects.stop();
    },
  };
}

/** Its objects come first: a world fills it before. */
export async function endOrg(world: World, org: WorldOrg): Promise<void> {
  const headers = bearing(org.people.admin);
  await must(world.api, `/orgs/${org.org_id}`, { method: 'DELETE', headers }, 200);
}

async function foundOrg(api: TestApi): Promise<WorldOrg> {
  const domain = `${randomUUID()}.example`;
  const founder = await signIn(api, 'the founder', `founder@${domain}`);
  const post = async (path: string, body: object): Promise<string> =>
    (await must(api, path, posting(founder, body), 201)).body.id;
  const org_id = await post('/orgs', { name: domain, domain });
  const users = `/orgs/${org_id}/users`;

  const person = async (role: Role, prefix = ''): Promise<Person> => {
    const email = `${prefix}${role}@${domain}`;
    await post(users, { email, name: role, role });
    return await signIn(api, `${prefix}${role}`, email);
  };
  const machine = async (role: Role): Promise<Person> => {
    const service_token_id = `${role}.${domain}`;
    const user_id = await post(users, { service_token_id, name: role, role });
    const token = api.access.mint(api.access.service(service_token_id));
    return { words: `${role} (service token)`, user_id, token };
  };
  const leaver = async (role: Role): Promise<Person> => {
    const left = await person(role, 'removed-');
    await must(api, `${users}/${left.user_id}`, { method: 'DELETE', headers: bearing(founder) }, 200);
    return left;
  };
  const [people, machines, removed] = await Promise.all([
    perRole((role) => person(role)),
    perRole(machine),
    perRole(leaver),
  ]);
  const actor_id = people.admin.user_id;
  const tenant = { org_id, actor_id, request_id: 'world', role: 'admin' as const, address: '127.0.0.1' };
  return { org_id, tenant, people, machines, removed };
}

async function perRole<T>(make: (role: Role) => Promise<T>): Promise<Record<Role, T>> {
  const [admin, auditor, analyst, viewer] = await Promise.all([
    make('admin'),
    make('auditor'),
    make('analyst'),
    make('viewer'),
  ]);
  return { admin, auditor, analyst, viewer };
}

/** Persons first: by role, then machines. */
export function everybody(org: WorldOrg, roles: readonly Role[] = ROLES): Person[] {
  return roles.flatMap((role) => [org.people[role], org.machines[role]]);
}

async function signIn(api: TestApi, words: string, email: string): Promise<Person> {
  const token = api.access.token(email);
  const me = await must(api, '/users/me', { headers: bearing({ token }) }, 200);
  return { words, user_id: me.body.id, token };
}

function bearing({ token }: Pick<Person, 'token'>): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function posting(who: Person, body: object): RequestInit {
  const headers = { ...bearing(who), 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

async function must(api: TestApi, path: string, init: RequestInit, status: number): Promise<Answer> {
  const answer = await api.raw(`${BASE}${path}`, init);
  if (answer.status !== status) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer;
}

function send(api: TestApi, who: Person | undefined, spec: RouteFacts, input: Input): Promise<Answer> {
  const { params = {}, query = '', body } = input;
  const path = spec.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return api.raw(`${spec.root === true ? '' : BASE}${path}${query === '' ? '' : `?${query}`}`, {
    method: spec.method.toUpperCase(),
    redirect: 'manual',
    headers: {
      ...(who !== undefined && bearing(who)),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** What an admin of the organization is answered who creates something below it. */
export async function created(
  { api }: World,
  org: WorldOrg,
  path: string,
  body: object,
): Promise<Answer['body']> {
  return (await must(api, `/orgs/${org.org_id}${path}`, posting(org.people.admin, body), 201)).body;
}
