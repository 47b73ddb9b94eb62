// How values travel to Temporal: the one place that says so, for clients, workers and the workflows' bundle.
import { fileURLToPath } from 'node:url';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import type { Database } from '../connection.js';
import { createOrgKeys } from './org-keys.js';
import { createPayloadCodec } from './payload-codec.js';

const EXTENSION = import.meta.url.endsWith('.js') ? 'js' : 'ts';

/** The SDK loads it by its path, the bundler puts it into the sandbox. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(
  new URL(`./failure-converter.${EXTENSION}`, import.meta.url),
);

/** @param db as the application: each organization's key is read as that organization */
export function createCodec(db: Database, payload_keys: string): PayloadCodec {
  return createPayloadCodec(payload_keys, createOrgKeys(db, payload_keys));
}

export function toDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER_PATH };
}
