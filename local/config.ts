import { resolve } from 'node:path';
import { z } from 'zod';
import { Problem } from './problem.js';

// An empty line in .env means the same as none.
const text = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
const port = z.preprocess(
  (value) => (value === '' ? undefined : value),
  z.coerce.number().int().min(1).max(65_535).optional(),
);

const schema = z.object({
  HOST: text.transform((value) => value ?? '127.0.0.1'),
  PORT: port.transform((value) => value ?? 8000),
  DATA_DIR: text.transform((value) => resolve(value ?? '.data')),
  DEMO: text.transform((value) => (value ?? '1') === '1'),
  DATABASE_URL: text,
  DATABASE_APP_URL: text,
  TEMPORAL_ADDRESS: text,
  TEMPORAL_NAMESPACE: text.transform((value) => value ?? 'default'),
  TEMPORAL_PORT: port.transform((value) => value ?? 7233),
  TEMPORAL_UI_PORT: port.transform((value) => value ?? 8233),
  TEMPORAL_UI_URL: text,
  ACCESS_TEAM_DOMAIN: text,
  ACCESS_AUD: text,
  PUBLIC_URL: text,
  OPA_URL: text,
  STEAMPIPE_DATABASE_URL: text,
  S3_ENDPOINT: text,
  S3_BUCKET: text.transform((value) => value ?? 'sovereign-grc'),
  PAYLOAD_KEYS: text,
  SIGNING_KEYS: text,
  POSTGRES_PORT: port,
  STORAGE_PORT: port,
  ACCESS_PORT: port,
  METRICS_PORT: port,
  TEMPORAL_UI_BACKEND_PORT: port,
});

export type StackConfig = z.infer<typeof schema>;

export function readStackConfig(env: NodeJS.ProcessEnv): StackConfig {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Problem(`The configuration is wrong: ${wrong.join('; ')}`);
}
