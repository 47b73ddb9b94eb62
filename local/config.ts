import { resolve } from 'node:path';
import { z } from 'zod';
import { number, numberOr, text, textOr } from '../db/environment.js';
import { inWords } from '../domain/words-schema.js';
import { Problem } from './problem.js';

const port = number(1, 65_535);
const portOr = (fallback: number) => numberOr(fallback, 1, 65_535);

const schema = z.object({
  HOST: textOr('127.0.0.1'),
  PORT: portOr(8000),
  DATA_DIR: textOr('.data').transform((value) => resolve(value)),
  DEMO: textOr('1').transform((value) => value === '1'),
  DATABASE_URL: text,
  DATABASE_APP_URL: text,
  TEMPORAL_ADDRESS: text,
  TEMPORAL_NAMESPACE: textOr('default'),
  TEMPORAL_PORT: portOr(7233),
  TEMPORAL_UI_PORT: portOr(8233),
  TEMPORAL_UI_URL: text,
  ACCESS_TEAM_DOMAIN: text,
  ACCESS_AUD: text,
  PUBLIC_URL: text,
  OPA_URL: text,
  STEAMPIPE_DATABASE_URL: text,
  S3_ENDPOINT: text,
  S3_BUCKET: textOr('sovereign-grc'),
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
  const parsed = schema.safeParse(env, { error: inWords });
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new Problem(`The configuration is wrong: ${wrong.join('; ')}`);
}

/** Only where the command would look elsewhere without it. */
export function whereOf({ DATA_DIR }: Pick<StackConfig, 'DATA_DIR'>): string {
  return DATA_DIR === resolve('.data') ? '' : `DATA_DIR='${DATA_DIR}' `;
}
