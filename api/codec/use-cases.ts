// What operators see of encrypted payloads. Each is opened only for an admin of the organization it belongs to.
import type { Payload, PayloadCodec } from '@temporalio/common';
import { type AuditActor, appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { orgOfPayload } from '../../db/crypto/payload-codec.js';
import { withTenant, withUser } from '../../db/tenancy.js';
import { getMe } from '../../db/users/repository.js';
import type { Payloads, WirePayload } from '../../domain/codec/schema.js';
import { DomainError } from '../../domain/errors.js';
import { isAllowed } from '../../domain/permissions.js';
import type { Caller } from '../http/identity.js';
import { type OnRecord, RECORD_FOR_S } from './on-record.js';
import { fromWire, toWire } from './wire.js';

export interface CodecDeps {
  db: Database;
  codec: PayloadCodec;
  onRecord: OnRecord;
}

const DECODE = 'payload:decode';

interface Asking {
  caller: Caller;
  request_id: string;
  address: string;
  /** Name of the route, for refusals. */
  route: string;
}

/**
 * What the caller may not read, and what nobody can, stays as it is: a page of the Web UI may show both. Who opens what
 * is on record before it is told, and so is a member who may not.
 */
export async function decodePayloads(deps: CodecDeps, asking: Asking, body: Payloads): Promise<Payloads> {
  const asked = body.payloads.map((wire) => ({ wire, payload: fromWire(wire) }));
  const orgs = new Set(asked.map(({ payload }) => orgOfPayload(payload)));
  orgs.delete(undefined);
  const mine = orgs.size === 0 ? [] : await membershipsOf(deps, asking.caller);
  const readable = new Set<string>();
  for (const { org_id, role } of mine) {
    if (!orgs.has(org_id)) continue;
    const allowed = isAllowed(role, DECODE);
    const entry = [org_id, asking.caller.user_id, asking.address, allowed].join();
    await deps.onRecord(entry, () => record(deps, asking, { org_id, allowed }));
    if (allowed) readable.add(org_id);
  }
  const answers = asked.map(async ({ wire, payload }) =>
    readable.has(orgOfPayload(payload) ?? '') ? await opened(deps, wire, payload) : wire,
  );
  return { payloads: await Promise.all(answers) };
}

async function membershipsOf({ db }: CodecDeps, { user_id }: Caller) {
  return (await withUser(db, user_id, (trx) => getMe(trx, user_id))).memberships;
}

async function record(
  { db }: CodecDeps,
  { caller, request_id, address, route }: Asking,
  { org_id, allowed }: { org_id: string; allowed: boolean },
): Promise<void> {
  const actor: AuditActor = { org_id, actor_id: caller.user_id, request_id, address };
  await withTenant(db, actor, (trx) =>
    appendAudit(
      trx,
      actor,
      allowed
        ? {
            action: 'payload.decode',
            resource_type: 'org',
            resource_id: org_id,
            after: { for_seconds: RECORD_FOR_S },
          }
        : { action: DECODE, resource_type: 'route', resource_id: route, outcome: 'refused' },
    ),
  );
}

async function opened({ codec }: CodecDeps, wire: WirePayload, payload: Payload): Promise<WirePayload> {
  try {
    const [plain] = await codec.decode([payload]);
    return plain === undefined ? wire : toWire(plain);
  } catch (error) {
    // that may pass, e.g. of a database that is away; whatever else it is, this payload stays closed
    if (error instanceof DomainError) throw error;
    return wire;
  }
}
