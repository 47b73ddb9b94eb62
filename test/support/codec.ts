// The codec of the product with the keys of the tests.
import { type DataConverter, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { toWire } from '../../api/codec/wire.js';
import type { Database } from '../../db/connection.js';
import { createCodec, toDataConverter } from '../../db/crypto/data-converter.js';
import { type OrgKeys, toDataKey } from '../../db/crypto/org-keys.js';
import { createPayloadCodec } from '../../db/crypto/payload-codec.js';
import type { Payloads } from '../../domain/codec/schema.js';

/** What every test's processes are given. */
export const TEST_PAYLOAD_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** As the processes of a test have it: the organizations' keys are in its database. */
export function dataConverterOf(db: Database, payload_keys = TEST_PAYLOAD_KEYS): DataConverter {
  return toDataConverter(createCodec(db, payload_keys));
}

/** Payloads of the organization as the decode endpoint takes them. */
export async function encryptedFor(
  db: Database,
  org_id: string,
  value: unknown = 'plain',
): Promise<Payloads> {
  const context = { type: 'workflow' as const, namespace: 'default', workflowId: `test:${org_id}` };
  const encoded = await createCodec(db, TEST_PAYLOAD_KEYS).encode(
    [defaultPayloadConverter.toPayload(value)],
    context,
  );
  return { payloads: encoded.map(toWire) };
}

/** One key for every organization, always the same: for tests without rows, and histories that stay readable. */
export function fixedDataConverter(): DataConverter {
  return toDataConverter(createPayloadCodec(TEST_PAYLOAD_KEYS, FIXED_KEYS));
}

const FIXED = toDataKey(Buffer.alloc(32, 9));
const FIXED_KEYS: OrgKeys = {
  forWriting: () => Promise.resolve(FIXED),
  forReading: () => Promise.resolve(FIXED),
};

/** Search attributes are for everybody; the others are the SDK's own words in its markers: names, numbers and times. */
const IN_CLEAR = new Set(['searchAttributes', 'core_patch patch-data', 'core_local_activity data']);

/** Wherever they stand, but for what has to be in clear. @param marker the one it lies in */
export function payloadsOf(value: unknown, marker = ''): Payload[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if (isPayload(value)) return [value];
  const within = 'markerName' in value && typeof value.markerName === 'string' ? value.markerName : marker;
  return Object.entries(value)
    .filter(([name]) => !IN_CLEAR.has(within === '' ? name : `${within} ${name}`))
    .flatMap(([, part]) => payloadsOf(part, within));
}

function isPayload(value: object): value is Payload {
  return 'metadata' in value && 'data' in value && value.data instanceof Uint8Array;
}

/** As text. */
export function metadataOf({ metadata }: Payload): Record<string, string> {
  const entries = Object.entries(metadata ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value).toString()]));
}
