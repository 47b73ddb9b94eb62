// The API's environment, parsed once. A wrong value ends the process with everything that is wrong.
import { z } from 'zod';
import { problemOfSigningKeys } from '../db/crypto/signing-keys.js';

const empty = (value: unknown): unknown => (value === '' ? undefined : value);
const text = z.preprocess(empty, z.string().optional());
const number = (fallback: number, max: number) =>
  z.preprocess(empty, z.coerce.number().int().min(0).max(max).default(fallback));
const list = text.transform((value) =>
  (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

/** `http://host:8181`, or the socket of the embedded engine. */
const opaUrl = z.preprocess(
  empty,
  z
    .string()
    .regex(/^(https?:\/\/|unix:\/)/, 'must be an http URL, or unix:/path of a socket')
    .optional(),
);

const LOOPBACK = /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\/?$/;

const environment = z
  .object({
    HOST: text.transform((value) => value ?? '127.0.0.1'),
    PORT: number(8000, 65_535),
    METRICS_PORT: z.preprocess(empty, z.coerce.number().int().min(0).max(65_535).optional()),
    DATABASE_URL: text,
    DATABASE_APP_URL: text,
    REDIS_URL: text,
    TEMPORAL_ADDRESS: text.transform((value) => value ?? '127.0.0.1:7233'),
    TEMPORAL_NAMESPACE: text.transform((value) => value ?? 'default'),
    // PEM, or where it is
    TEMPORAL_TLS_CERT: text,
    TEMPORAL_TLS_KEY: text,
    TEMPORAL_API_KEY: text,
    TEMPORAL_UI_URL: text.transform((value) => value ?? 'http://localhost:8233'),
    ACCESS_TEAM_DOMAIN: z.preprocess(
      empty,
      z.string().refine((value) => value.startsWith('https://') || LOOPBACK.test(value), {
        message: 'must be an https URL; http is for loopback only',
      }),
    ),
    ACCESS_AUD: list.refine((tags) => tags.length > 0, 'at least one audience tag is needed'),
    PUBLIC_URL: z.preprocess(empty, z.url().default('http://localhost:8000')),
    PAYLOAD_KEYS: z.preprocess(empty, z.string().regex(/^[^:,]+:[A-Za-z0-9+/=]+(,[^:,]+:[A-Za-z0-9+/=]+)*$/)),
    SIGNING_KEYS: text,
    OPA_URL: opaUrl,
    STEAMPIPE_DATABASE_URL: text,
    S3_ENDPOINT: text,
    S3_REGION: text.transform((value) => value ?? 'auto'),
    S3_BUCKET: text,
    S3_ACCESS_KEY_ID: text,
    S3_SECRET_ACCESS_KEY: text,
    OPENAI_API_KEY: text,
    OPENAI_BASE_URL: text,
    ASSESSMENT_CONCURRENCY: z.preprocess(empty, z.coerce.number().int().min(1).max(1000).default(8)),
    UNREACHABLE_SECONDS: z.preprocess(empty, z.coerce.number().int().min(1).max(3_600).default(300)),
    LLM_TOKEN_BUDGET: z.preprocess(empty, z.coerce.number().int().min(1).optional()),
    TRUSTED_PROXIES: list,
    RATE_LIMIT_PER_MINUTE: number(100, 1_000_000),
    EGRESS_ALLOW: list,
    SMTP_URL: text,
    NODE_ENV: text,
    LOG_LEVEL: text.transform((value) => value ?? 'info'),
  })
  .superRefine((env, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (!env.DATABASE_URL && !env.DATABASE_APP_URL) refuse('DATABASE_APP_URL', 'is needed, or DATABASE_URL');
    if ((env.TEMPORAL_TLS_CERT === undefined) !== (env.TEMPORAL_TLS_KEY === undefined))
      refuse('TEMPORAL_TLS_CERT', 'and TEMPORAL_TLS_KEY come together');
    const unsigned = problemOfSigningKeys(env.SIGNING_KEYS);
    if (unsigned !== undefined) refuse('SIGNING_KEYS', unsigned);
    if (env.NODE_ENV !== 'production') return;
    if (env.RATE_LIMIT_PER_MINUTE === 0) refuse('RATE_LIMIT_PER_MINUTE', 'may not be 0 in production');
    if (env.EGRESS_ALLOW.length > 0) refuse('EGRESS_ALLOW', 'is for tests and refused in production');
  });

export type ApiConfig = z.infer<typeof environment>;

/** @throws Error whose message lists everything that is wrong. */
export function readApiConfig(env: Record<string, string | undefined>): ApiConfig {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the environment is wrong:\n${problems.join('\n')}`);
}
