// The workers' environment, parsed once. A wrong value ends the process with everything that is wrong.
import { z } from 'zod';
import { problemOfSigningKeys } from '../db/crypto/signing-keys.js';

const empty = (value: unknown): unknown => (value === '' ? undefined : value);
const text = z.preprocess(empty, z.string().optional());
const required = z.preprocess(empty, z.string());
const count = (fallback: number) =>
  z.preprocess(empty, z.coerce.number().int().min(1).max(1000).default(fallback));

/** `http://host:8181`, or the socket of the embedded engine. */
const opaUrl = z.preprocess(
  empty,
  z
    .string()
    .regex(/^(https?:\/\/|unix:\/)/, 'must be an http URL, or unix:/path of a socket')
    .optional(),
);

const environment = z
  .object({
    DATABASE_URL: text,
    DATABASE_APP_URL: text,
    DATABASE_RECONCILE_URL: text,
    TEMPORAL_ADDRESS: text.transform((value) => value ?? '127.0.0.1:7233'),
    TEMPORAL_NAMESPACE: text.transform((value) => value ?? 'default'),
    // PEM, or where it is
    TEMPORAL_TLS_CERT: text,
    TEMPORAL_TLS_KEY: text,
    TEMPORAL_API_KEY: text,
    PAYLOAD_KEYS: required,
    SIGNING_KEYS: text,
    OPA_URL: opaUrl,
    STEAMPIPE_DATABASE_URL: text,
    OPENAI_API_KEY: text,
    OPENAI_BASE_URL: text,
    LLM_MODEL: text,
    PUBLIC_URL: z.preprocess(empty, z.url().default('http://localhost:8000')),
    SMTP_URL: z.preprocess(empty, z.url({ protocol: /^smtps?$/ }).optional()),
    MAIL_FROM: text,
    EGRESS_ALLOW: text.transform((value) =>
      (value ?? '')
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    ),
    NODE_ENV: text,
    LLM_MAX_CONCURRENCY: count(16),
    // asked three times at most, that has to fit the ten minutes of an activity
    LLM_TIMEOUT_SECONDS: z.preprocess(empty, z.coerce.number().int().min(1).max(180).default(120)),
    S3_ENDPOINT: required,
    S3_REGION: text.transform((value) => value ?? 'auto'),
    S3_BUCKET: required,
    S3_ACCESS_KEY_ID: required,
    S3_SECRET_ACCESS_KEY: required,
    // rows are compared with workflows so often; a row is left to its start, a workflow to its row for so long
    RECONCILE_SECONDS: count(30),
    RECONCILE_ROW_AGE_SECONDS: count(15),
    RECONCILE_WORKFLOW_AGE_SECONDS: count(60),
    AUDIT_ANCHOR_SECONDS: z.preprocess(empty, z.coerce.number().int().min(1).max(86_400).default(3_600)),
    TIMELINE_CHECKPOINT_SECONDS: z.preprocess(
      empty,
      z.coerce.number().int().min(1).max(86_400).default(3_600),
    ),
    // each process needs its own
    METRICS_PORT: z.preprocess(empty, z.coerce.number().int().min(0).max(65_535).optional()),
    LOG_LEVEL: text.transform((value) => value ?? 'info'),
  })
  .superRefine((env, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (!env.DATABASE_URL && !env.DATABASE_APP_URL) refuse('DATABASE_APP_URL', 'is needed, or DATABASE_URL');
    if ((env.TEMPORAL_TLS_CERT === undefined) !== (env.TEMPORAL_TLS_KEY === undefined))
      refuse('TEMPORAL_TLS_CERT', 'and TEMPORAL_TLS_KEY come together');
    if (!env.DATABASE_URL && !env.DATABASE_RECONCILE_URL)
      refuse('DATABASE_RECONCILE_URL', 'is needed, or DATABASE_URL');
    const unsigned = problemOfSigningKeys(env.SIGNING_KEYS);
    if (unsigned !== undefined) refuse('SIGNING_KEYS', unsigned);
    if (env.SMTP_URL !== undefined && env.MAIL_FROM === undefined)
      refuse('MAIL_FROM', 'is needed where SMTP_URL is set');
    if (env.NODE_ENV === 'production' && env.EGRESS_ALLOW.length > 0)
      refuse('EGRESS_ALLOW', 'is for tests and refused in production');
    if ((env.OPENAI_API_KEY ?? env.OPENAI_BASE_URL) !== undefined && !env.LLM_MODEL) {
      refuse('LLM_MODEL', 'is needed where a model server is configured');
    }
  });

export type WorkerConfig = z.infer<typeof environment>;

/** @throws Error whose message lists everything that is wrong. */
export function readWorkerConfig(env: Record<string, string | undefined>): WorkerConfig {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the environment is wrong:\n${problems.join('\n')}`);
}
