// The codec of the product with the keys of the tests.
import type { DataConverter } from '@temporalio/common';
import type { Database } from '../../db/connection.js';
import { createCodec, toDataConverter } from '../../db/crypto/data-converter.js';
import { type OrgKeys, toDataKey } from '../../db/crypto/org-keys.js';
import { createPayloadCodec } from '../../db/crypto/payload-codec.js';

/** What every test's processes are given. */
export const TEST_PAYLOAD_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** As the processes of a test have it: the organizations' keys are in its database. */
export function dataConverterOf(db: Database, payload_keys = TEST_PAYLOAD_KEYS): DataConverter {
  return toDataConverter(createCodec(db, payload_keys));
}

/** One key for every organization, always the same: for tests without rows, and histories that stay readable. */
export function fixedDataConverter(): DataConverter {
  return toDataConverter(createPayloadCodec(TEST_PAYLOAD_KEYS, FIXED_KEYS));
}

const FIXED = toDataKey(Buffer.alloc(32, 9));
export const FIXED_KEYS: OrgKeys = {
  forWriting: () => Promise.resolve(FIXED),
  forReading: () => Promise.resolve(FIXED),
};
