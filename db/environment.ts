// How every process reads its environment: forms of values, what several of them read, and how it is told what is wrong.
import { z } from 'zod';
import { inWords } from '../domain/words-schema.js';
import { readRootKeys } from './crypto/root-keys.js';
import { parseSigningKeys } from './crypto/signing-keys.js';
import { readPem } from './temporal/connection.js';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** An empty line in .env means the same as none. */
const empty = (value: unknown): unknown => (value === '' ? undefined : value);

export const text = z.preprocess(empty, z.string().optional());
export const required = z.preprocess(empty, z.string());
export const textOr = (fallback: string) => text.transform((value) => value ?? fallback);
export const list = text.transform((value) =>
  (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
export const number = (min: number, max: number) =>
  z.preprocess(empty, z.coerce.number().int().min(min).max(max).optional());
export const numberOr = (fallback: number, min: number, max: number) =>
  number(min, max).transform((value) => value ?? fallback);

/** What the reader of the value cannot take is wrong with it. */
export function readBy(read: (value: string) => unknown) {
  return (value: string | undefined, context: z.core.$RefinementCtx): void => {
    try {
      if (value !== undefined) read(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  };
}

const url = (protocol: RegExp, what: string) =>
  z.preprocess(empty, z.url({ protocol, error: `must be ${what}` }).optional());
export const httpUrl = url(/^https?$/, 'an http URL');
/** Also the socket of an engine on this machine: `unix:/path`. */
const httpOrSocket = z.union(
  [httpUrl, z.string().startsWith('unix:/')],
  'must be an http URL, or unix:/path',
);
export const postgresUrl = url(/^postgres(ql)?$/, 'a postgres URL');
export const redisUrl = url(/^rediss?$/, 'a redis URL');
export const smtpUrl = url(/^smtps?$/, 'an smtp URL');
/** 0 takes a free one. */
export const port = number(0, 65_535);

/** What the API and the workers both read. */
export const shared = {
  DATABASE_URL: postgresUrl,
  DATABASE_APP_URL: postgresUrl,
  TEMPORAL_ADDRESS: textOr('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: textOr('default'),
  TEMPORAL_TLS_CERT: text.superRefine(readBy(readPem)),
  TEMPORAL_TLS_KEY: text.superRefine(readBy(readPem)),
  TEMPORAL_API_KEY: text,
  PUBLIC_URL: httpUrl.transform((value) => value ?? 'http://localhost:8000'),
  PAYLOAD_KEYS: required.superRefine(readBy((value) => readRootKeys(value, 'check'))),
  SIGNING_KEYS: text.superRefine(readBy(parseSigningKeys)),
  OPA_URL: httpOrSocket,
  STEAMPIPE_DATABASE_URL: postgresUrl,
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: httpUrl,
  EGRESS_ALLOW: list,
  METRICS_PORT: port,
  NODE_ENV: text,
  LOG_LEVEL: z.preprocess(empty, z.enum(LEVELS).default('info')),
};
type Shared = z.infer<z.ZodObject<typeof shared>>;

export type Refuse = (variable: string, message: string) => void;

/** What no single variable of theirs tells. */
export function checkShared(env: Shared, refuse: Refuse): void {
  if (!env.DATABASE_URL && !env.DATABASE_APP_URL) refuse('DATABASE_APP_URL', 'is needed, or DATABASE_URL');
  if ((env.TEMPORAL_TLS_CERT === undefined) !== (env.TEMPORAL_TLS_KEY === undefined))
    refuse('TEMPORAL_TLS_CERT', 'and TEMPORAL_TLS_KEY come together');
  if (env.NODE_ENV === 'production' && env.EGRESS_ALLOW.length > 0)
    refuse('EGRESS_ALLOW', 'is for tests and refused in production');
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error whose message lists everything that is wrong. */
export function readEnvironment<T>(schema: z.ZodType<T>, env: Environment): T {
  const parsed = schema.safeParse(env, { error: inWords });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the environment is wrong:\n${problems.join('\n')}`);
}
