// Payloads as Temporal's remote codec protocol sends them: protobuf's JSON, so these names are not ours.
import { z } from 'zod';

const bytes = z.base64().meta({ description: 'base64' });

const payload = z
  .strictObject({
    metadata: z.record(z.string(), bytes).optional(),
    data: bytes.optional(),
  })
  .meta({ id: 'Payload' });
export type WirePayload = z.infer<typeof payload>;

export const payloads = z.strictObject({ payloads: z.array(payload).max(1_000) }).meta({ id: 'Payloads' });
export type Payloads = z.infer<typeof payloads>;
