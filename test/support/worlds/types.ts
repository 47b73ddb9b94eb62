// What the matrices under test/security know of the world, and of each route.
import type { RouteFacts } from '../../../api/http/spec.js';
import type { Database } from '../../../db/connection.js';
import type { ObjectStore } from '../../../db/objects/store.js';
import type { Role, TenantContext } from '../../../domain/tenant.js';
import type { TestApi } from '../app.js';
import type { Answer } from '../http.js';

/** A row of the contract's table of roles; or who needs no membership. */
export type ContractRow =
  'read' | 'download' | 'audit' | 'write' | 'review' | 'command' | 'manage' | 'signed-in' | 'public';

export type Params = Record<string, string>;

/** Whoever may call: a person, or a machine with a service token. */
export interface Person {
  words: string;
  user_id: string;
  token: string;
}

export interface WorldOrg {
  org_id: string;
  /** Its admin, for factories. */
  tenant: TenantContext;
  people: Record<Role, Person>;
  machines: Record<Role, Person>;
  /** Each had that role and signed in with it. */
  removed: Record<Role, Person>;
}

export interface Input {
  params?: Params;
  query?: string;
  /** Sent as it is when it is text, so that keys can be repeated or forbidden. */
  body?: unknown;
}

export interface World {
  api: TestApi;
  db: Database;
  /** Of the API. */
  store: ObjectStore;
  ours: WorldOrg;
  theirs: WorldOrg;
  /** Deleted; its people signed in before. */
  gone: WorldOrg;
  /** Signed in, member of nothing. */
  stranger: Person;
  /** Another organization with everybody in it. */
  found(): Promise<WorldOrg>;
  call(who: Person | undefined, spec: RouteFacts, input: Input): Promise<Answer>;
  stop(): Promise<void>;
}

export type Maker = (world: World, org: WorldOrg) => Promise<Params>;

export interface Entry {
  /** As the contract has it, not as domain/permissions.ts does. */
  may: ContractRow;
  /** What the path names, in a state in which the call succeeds; new at each call. Lists: what fills a page or two. */
  object?: Maker;
  /** A body that succeeds; the example of the schema unless given. */
  body?: (world: World, org: WorldOrg, params: Params) => unknown;
  /** The call ends its organization: each gets one of its own. */
  disposable?: true;
  /** Makes room for another call, e.g. frees what is limited per organization. */
  before?: (world: World, org: WorldOrg) => Promise<void>;
  /** Of the answer, where it is not the route's own. */
  status?: number;
}

export type Entries = Record<string, Entry>;

/**
 * Name of a field that holds ids (`owner_id`, `depends_on`) -> an object of that organization.
 * @param params what the path names, where the two must belong together
 */
export type References = Record<string, (world: World, org: WorldOrg, params?: Params) => Promise<string>>;
