// Payloads as Temporal's remote codec protocol sends them: protobuf's JSON, so these names are not ours.
import { z } from 'zod';

// not z.base64(): that says contentEncoding, which OpenAPI 3.0 does not know
const bytes = z
  .string()
  .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64')
  .meta({ format: 'byte' });

const payload = z
  .strictObject({
    metadata: z.record(z.string(), bytes).optional(),
    data: bytes.optional(),
  })
  .meta({ id: 'Payload' });
export type WirePayload = z.infer<typeof payload>;

export const payloads = z.strictObject({ payloads: z.array(payload).max(1_000) }).meta({ id: 'Payloads' });
export type Payloads = z.infer<typeof payloads>;
