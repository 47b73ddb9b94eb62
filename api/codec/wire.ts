// A payload as protobuf's JSON has it: bytes in base64.
import type { Payload } from '@temporalio/common';
import type { WirePayload } from '../../domain/codec/schema.js';

export function fromWire({ metadata, data }: WirePayload): Payload {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? '', 'base64') };
}

export function toWire({ metadata, data }: Payload): WirePayload {
  const text = (value: Uint8Array): string => Buffer.from(value).toString('base64');
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)]);
  return { metadata: Object.fromEntries(entries), ...(data && { data: text(data) }) };
}
