// The workers' environment, parsed once. A wrong value ends the process with everything that is wrong.
import { z } from 'zod';
import {
  checkShared,
  httpUrl,
  postgresUrl,
  smtpUrl,
  numberOr,
  readEnvironment,
  required,
  shared,
  text,
  textOr,
} from '../db/environment.js';

const DAY_S = 86_400;

const environment = z
  .object({
    ...shared,
    DATABASE_RECONCILE_URL: postgresUrl,
    DATABASE_REPORT_URL: postgresUrl,
    LLM_MODEL: text,
    SMTP_URL: smtpUrl,
    MAIL_FROM: text,
    LLM_MAX_CONCURRENCY: numberOr(16, 1, 1000),
    // asked three times at most, that has to fit the ten minutes of an activity
    LLM_TIMEOUT_SECONDS: numberOr(120, 1, 180),
    S3_ENDPOINT: httpUrl.pipe(z.string()),
    S3_REGION: textOr('auto'),
    S3_BUCKET: required,
    S3_ACCESS_KEY_ID: required,
    S3_SECRET_ACCESS_KEY: required,
    // rows are compared with workflows so often; a row is left to its start, a workflow to its row for so long
    RECONCILE_SECONDS: numberOr(30, 1, 1000),
    RECONCILE_ROW_AGE_SECONDS: numberOr(15, 1, 1000),
    RECONCILE_WORKFLOW_AGE_SECONDS: numberOr(60, 1, 1000),
    AUDIT_ANCHOR_SECONDS: numberOr(3_600, 1, DAY_S),
    TIMELINE_CHECKPOINT_SECONDS: numberOr(3_600, 1, DAY_S),
  })
  .superRefine((env, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    checkShared(env, refuse);
    if (!env.DATABASE_URL && !env.DATABASE_RECONCILE_URL)
      refuse('DATABASE_RECONCILE_URL', 'is needed, or DATABASE_URL');
    if (!env.DATABASE_URL && !env.DATABASE_REPORT_URL)
      refuse('DATABASE_REPORT_URL', 'is needed, or DATABASE_URL');
    if (env.SMTP_URL !== undefined && env.MAIL_FROM === undefined)
      refuse('MAIL_FROM', 'is needed where SMTP_URL is set');
    if ((env.OPENAI_API_KEY ?? env.OPENAI_BASE_URL) !== undefined && !env.LLM_MODEL)
      refuse('LLM_MODEL', 'is needed where a model server is configured');
  });

export type WorkerConfig = z.infer<typeof environment>;

/** @throws Error whose message lists everything that is wrong. */
export function readWorkerConfig(env: Record<string, string | undefined>): WorkerConfig {
  return readEnvironment(environment, env);
}
