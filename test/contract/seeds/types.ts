// What seeders work with and what they make.
import type { Role } from '../../../domain/tenant.js';
import type { Caller, TestApi } from '../../support/app.js';

/**
 * `*` or an operationId -> field -> values that exist. An empty list leaves the field out; `+field` gives it always,
 * for rules between fields, which no document can say.
 */
export type Seeds = Record<string, Record<string, unknown[]>>;

export interface Ground {
  api: TestApi;
  role: Role;
  /** Somebody in that role: who will send what is drawn. */
  email: string;
  /** The organization's founder, who prepares what the role may not. */
  founder: Caller;
  org_id: string;
  framework_id: string;
}

export type Seeder = (ground: Ground) => Promise<Seeds>;

/** @returns the id of what was created */
export async function created(caller: Caller, path: string, body: unknown): Promise<string> {
  const answer = await caller.post(path, body);
  if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}
