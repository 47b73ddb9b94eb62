// S16: what the codec makes of payloads: who can read them, what is authenticated, and what happens without a key.
import { createCipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import {
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { expect, test } from 'vitest';
import { FAILURE_CONVERTER_PATH, toDataConverter } from '../../db/crypto/data-converter.js';
import { KEY_DESTROYED, type OrgKeys, toDataKey } from '../../db/crypto/org-keys.js';
import { createPayloadCodec } from '../../db/crypto/payload-codec.js';
import { readRootKeys } from '../../db/crypto/root-keys.js';
import { DomainError } from '../../domain/errors.js';
import { assessmentWorkflowId, orgDeletionWorkflowId } from '../../domain/temporal.js';
import { metadataOf } from '../support/codec.js';

const OLD = `old:${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `new:${Buffer.alloc(32, 2).toString('base64')}`;
const [OURS, THEIRS]: [string, string] = [randomUUID(), randomUUID()];
const DATA_KEYS = new Map([OURS, THEIRS].map((org_id) => [org_id, toDataKey(randomBytes(32))] as const));
const GONE = ApplicationFailure.nonRetryable('destroyed', KEY_DESTROYED);
const AWAY = new DomainError('SERVICE_UNAVAILABLE', 'the database cannot be reached');

function keysOrThrow(error: Error): OrgKeys {
  const get = (org_id: string) => {
    const key = DATA_KEYS.get(org_id);
    return key === undefined ? Promise.reject(error) : Promise.resolve(key);
  };
  return { forWriting: get, forReading: get };
}

function codecOf(payload_keys: string, error: Error = GONE) {
  return createPayloadCodec(payload_keys, keysOrThrow(error));
}

const codec = codecOf(OLD);
const ofWorkflow = (workflowId: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'default',
  workflowId,
});
const ofActivity = (workflowId: string): SerializationContext => ({
  type: 'activity',
  namespace: 'default',
  workflowId,
  isLocal: false,
});
const ours = ofWorkflow(assessmentWorkflowId(OURS, randomUUID()));
const theirs = ofWorkflow(assessmentWorkflowId(THEIRS, randomUUID()));
const SECRET = 'canary@people.example';

/** As the codec writes it. */
interface Sealed {
  metadata: Record<string, Uint8Array>;
  data: Uint8Array;
}

async function written(context?: SerializationContext, by = codec): Promise<Sealed> {
  const [payload] = await by.encode([defaultPayloadConverter.toPayload({ secret: SECRET })], context);
  if (!payload?.metadata || !payload.data) throw new Error('nothing was encoded');
  return { metadata: payload.metadata, data: payload.data };
}

async function read(payload: Payload, context?: SerializationContext, by = codec): Promise<unknown> {
  const [plain] = await by.decode([payload], context);
  return plain && defaultPayloadConverter.fromPayload(plain);
}

test('an organization’s payload says by whose key, and is read with or without its workflow', async () => {
  const payload = await written(ours);
  expect(metadataOf(payload)).toEqual({
    encoding: 'binary/encrypted',
    kid: DATA_KEYS.get(OURS)?.kid,
    org_id: OURS,
  });
  expect(Buffer.from(payload.data).toString('latin1')).not.toContain(SECRET);
  for (const context of [ours, undefined, ofActivity(assessmentWorkflowId(OURS, 'x'))]) {
    expect(await read(payload, context)).toEqual({ secret: SECRET });
  }
});

test('the same value never looks the same twice', async () => {
  const [one, other] = [await written(ours), await written(ours)];
  expect(Buffer.from(one.data).equals(Buffer.from(other.data))).toBe(false);
});

test.each([
  ['no workflow', undefined],
  ['a deletion, which destroys the key', ofWorkflow(orgDeletionWorkflowId(OURS))],
] as const)('%s belongs to the platform, whose key is the root’s', async (_, context) => {
  const payload = await written(context);
  expect(metadataOf(payload)).toEqual({ encoding: 'binary/encrypted', kid: 'old' });
  expect(await read(payload, context)).toEqual({ secret: SECRET });
});

test('what was written before organizations had keys is still read', async () => {
  const key = Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 1), '', 'grc-payload', 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('old'));
  const plain = proto.temporal.api.common.v1.Payload.encode(defaultPayloadConverter.toPayload(1)).finish();
  const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const payload = { metadata: { encoding: Buffer.from('binary/encrypted'), kid: Buffer.from('old') }, data };
  expect(await read(payload, ours)).toBe(1);
});

test('after a rotation the first key encrypts and the others still read', async () => {
  const before = await written();
  const rotated = codecOf(`${NEW},${OLD}`);
  const after = await written(undefined, rotated);
  expect(metadataOf(after)['kid']).toBe('new');
  expect(await read(before, undefined, rotated)).toEqual({ secret: SECRET });
  await expect(read(after)).rejects.toThrow('unknown key new');
});

test('what nobody encrypted passes', async () => {
  expect(await read(defaultPayloadConverter.toPayload('plain'), ours)).toBe('plain');
});

test.each([
  ['kid', 'old'],
  ['kid', 'org-0000000000000000'],
  ['org_id', THEIRS],
  ['org_id', ''],
] as const)('another %s in the metadata (%s) is refused', async (name, value) => {
  const { metadata, data } = await written(ours);
  const forged = { metadata: { ...metadata, [name]: Buffer.from(value) }, data };
  await expect(read(forged)).rejects.toThrow();
});

test('every bit counts, and what is too short is refused', async () => {
  const { metadata, data } = await written(ours);
  const bytes = Buffer.from(data);
  for (const at of [0, 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    await expect(read({ metadata, data: changed })).rejects.toThrow();
  }
  await expect(read({ metadata, data: bytes.subarray(0, 20) })).rejects.toThrow('too short');
});

test('a payload of another organization than its workflow’s is refused, for good', async () => {
  await expect(read(await written(theirs), ours)).rejects.toMatchObject({ nonRetryable: true });
});

test('without its key an organization’s payload is neither written nor read', async () => {
  const nobody = ofWorkflow(assessmentWorkflowId(randomUUID(), randomUUID()));
  await expect(written(nobody)).rejects.toMatchObject({ type: KEY_DESTROYED, nonRetryable: true });
  const { metadata, data } = await written(ours);
  const orphan = { metadata: { ...metadata, org_id: Buffer.from(randomUUID()) }, data };
  await expect(read(orphan)).rejects.toMatchObject({ type: KEY_DESTROYED, nonRetryable: true });
});

test('message and stack of a failure are encrypted', async () => {
  const converter = loadDataConverter(toDataConverter(codec));
  const failure = await encodeErrorToFailure(converter, new Error(`no mail to ${SECRET}`), ours);
  expect(failure).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
  expect(JSON.stringify(failure)).not.toContain(SECRET);
  expect(FAILURE_CONVERTER_PATH).toMatch(/failure-converter\.ts$/);
  expect(await read(failure.encodedAttributes ?? {}, ours)).toMatchObject({
    message: `no mail to ${SECRET}`,
  });
});

test.each([
  ['destroyed', GONE],
  ['away', AWAY],
] as const)(
  'an activity whose key is %s can still say that it failed: a worker outlives it',
  async (_, error) => {
    const activity = ofActivity(assessmentWorkflowId(randomUUID(), randomUUID()));
    const without = codecOf(OLD, error);
    const converter = loadDataConverter(toDataConverter(without));
    const failure = await encodeErrorToFailure(converter, new Error('no key'), activity);
    const attributes = failure.encodedAttributes ?? {};
    if (error === AWAY) expect(await read(attributes, activity)).toMatchObject({ message: 'no key' });
    else await expect(read(attributes, activity)).rejects.toMatchObject({ type: KEY_DESTROYED });
    await expect(written(activity, without)).rejects.toBe(error);
  },
);

test.each([[''], ['kid'], [':AAAA'], ['kid:AAAA']])('PAYLOAD_KEYS %j is refused', (payload_keys) => {
  expect(() => readRootKeys(payload_keys, 'test')).toThrow('payload key');
});
