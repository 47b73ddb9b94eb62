// Payloads leave the process encrypted; Temporal keeps what it cannot read.
import { randomBytes } from 'node:crypto';
import {
  ApplicationFailure,
  METADATA_ENCODING_KEY,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common';
import proto from '@temporalio/proto'; // CommonJS: Node finds no named exports in it
import { orgOfWorkflowId } from '../../domain/temporal.js';
import { decrypt, encrypt, KEY_BYTES } from './gcm.js';
import { type DataKey, KEY_DESTROYED, type OrgKeys, toDataKey } from './org-keys.js';
import { readRootKeys } from './root-keys.js';

const ENCODING = 'binary/encrypted';
const METADATA_KID = 'kid';
const METADATA_ORG = 'org_id';

/**
 * An organization's payloads by its own key, the platform's by the root key; which it was stands in the metadata, and
 * the metadata is authenticated. What is unknown, changed or of another organization than its workflow fails closed.
 */
export function createPayloadCodec(payload_keys: string, orgs: OrgKeys): PayloadCodec {
  const roots = readRootKeys(payload_keys, 'grc-payload');

  async function keyFor(payloads: Payload[], context: SerializationContext | undefined): Promise<Writer> {
    const org_id = orgOf(context);
    if (org_id === undefined) return { ...platform(), org_id };
    try {
      return { ...(await orgs.forWriting(org_id)), org_id };
    } catch (error) {
      // The SDK ends the whole worker when it cannot encode why an activity failed. Whoever has no key could not read
      // the activity's input either, so all that these words can tell is that; of a destroyed key not even that.
      if (context?.type !== 'activity' || !payloads.every(isFailureText)) throw error;
      if (isDestroyed(error)) return { ...toDataKey(randomBytes(KEY_BYTES)), org_id };
      return { ...platform(), org_id: undefined };
    }
  }

  function platform(): DataKey {
    return roots.first;
  }

  async function opened(payload: Payload, context: SerializationContext | undefined): Promise<Payload> {
    if (textOf(payload, METADATA_ENCODING_KEY) !== ENCODING) return payload;
    const kid = textOf(payload, METADATA_KID);
    const org_id = orgOfPayload(payload);
    const owner = orgOf(context);
    if (org_id !== undefined && owner !== undefined && org_id !== owner)
      throw unreadable(`a payload of organization ${org_id} in a workflow of ${owner}`);
    const key = org_id === undefined ? roots.find(kid)?.key : await orgKey(org_id, kid);
    if (key === undefined) throw unreadable(`payload of the unknown key ${kid}`);
    return proto.temporal.api.common.v1.Payload.decode(
      decrypt(key, payload.data ?? new Uint8Array(), aadOf(kid, org_id)),
    );
  }

  async function orgKey(org_id: string, kid: string): Promise<Buffer | undefined> {
    const known = await orgs.forReading(org_id);
    return known.kid === kid ? known.key : undefined;
  }

  return {
    async encode(payloads, context) {
      if (payloads.length === 0) return [];
      const writer = await keyFor(payloads, context);
      return payloads.map((payload) => closed(payload, writer));
    },
    decode: (payloads, context) => Promise.all(payloads.map((payload) => opened(payload, context))),
  };
}

interface Writer extends DataKey {
  org_id: string | undefined;
}

function closed(payload: Payload, { kid, key, org_id }: Writer): Payload {
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  return {
    metadata: {
      [METADATA_ENCODING_KEY]: Buffer.from(ENCODING),
      [METADATA_KID]: Buffer.from(kid),
      ...(org_id !== undefined && { [METADATA_ORG]: Buffer.from(org_id) }),
    },
    data: encrypt(key, plain, aadOf(kid, org_id)),
  };
}

/** Payloads of the platform keep the form of those that were written before organizations had keys. */
function aadOf(kid: string, org_id: string | undefined): string {
  return org_id === undefined ? kid : JSON.stringify([kid, org_id]);
}

/** The organization whose key a payload says it needs. */
export function orgOfPayload(payload: Payload): string | undefined {
  return textOf(payload, METADATA_ORG) || undefined;
}

function orgOf(context: SerializationContext | undefined): string | undefined {
  return context?.workflowId === undefined ? undefined : orgOfWorkflowId(context.workflowId);
}

/** What the failure converter makes of an error's message and stack. */
function isFailureText(payload: Payload): boolean {
  if (textOf(payload, METADATA_ENCODING_KEY) !== 'json/plain') return false;
  const value: unknown = JSON.parse(Buffer.from(payload.data ?? new Uint8Array()).toString());
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).toSorted().join() === 'message,stack_trace';
}

function isDestroyed(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === KEY_DESTROYED;
}

/** Nothing to be tried again: the payload will stay as it is. */
function unreadable(detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(detail, 'PAYLOAD_UNREADABLE');
}

function textOf(payload: Payload, name: string): string {
  return Buffer.from(payload.metadata?.[name] ?? new Uint8Array()).toString();
}
