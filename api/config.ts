// The API's environment, parsed once. A wrong value ends the process with everything that is wrong.
import { z } from 'zod';
import {
  checkShared,
  httpUrl,
  list,
  number,
  numberOr,
  readBy,
  readEnvironment,
  redisUrl,
  required,
  shared,
  smtpUrl,
  text,
  textOr,
} from '../db/environment.js';
import { createAddressOf } from './http/address.js';

const LOOPBACK = /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\/?$/;

/** A peer that is believed by mistake could choose the address it is counted by. */
const trusted = readBy((entry) => createAddressOf([entry]));

const environment = z
  .object({
    ...shared,
    HOST: textOr('127.0.0.1'),
    PORT: numberOr(8000, 0, 65_535),
    REDIS_URL: redisUrl,
    TEMPORAL_UI_URL: httpUrl.transform((value) => value ?? 'http://localhost:8233'),
    ACCESS_TEAM_DOMAIN: required.refine((value) => value.startsWith('https://') || LOOPBACK.test(value), {
      message: 'must be an https URL; http is for loopback only',
    }),
    ACCESS_AUD: list.refine((tags) => tags.length > 0, 'at least one audience tag is needed'),
    S3_ENDPOINT: httpUrl,
    S3_REGION: textOr('auto'),
    S3_BUCKET: text,
    S3_ACCESS_KEY_ID: text,
    S3_SECRET_ACCESS_KEY: text,
    ASSESSMENT_CONCURRENCY: numberOr(8, 1, 1000),
    UNREACHABLE_SECONDS: numberOr(300, 1, 3_600),
    LLM_TOKEN_BUDGET: number(1, Number.MAX_SAFE_INTEGER),
    TRUSTED_PROXIES: list.superRefine((entries, context) =>
      entries.forEach((entry) => trusted(entry, context)),
    ),
    RATE_LIMIT_PER_MINUTE: numberOr(100, 0, 1_000_000),
    SMTP_URL: smtpUrl,
  })
  .superRefine((env, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    checkShared(env, refuse);
    if (env.NODE_ENV === 'production' && env.RATE_LIMIT_PER_MINUTE === 0)
      refuse('RATE_LIMIT_PER_MINUTE', 'may not be 0 in production');
  });

export type ApiConfig = z.infer<typeof environment>;

/** @throws Error whose message lists everything that is wrong. */
export function readApiConfig(env: Record<string, string | undefined>): ApiConfig {
  return readEnvironment(environment, env);
}
