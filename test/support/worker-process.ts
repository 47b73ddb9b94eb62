import { startChild, type ChildProcess } from './child-process.js';
import type { TestDatabase } from './database.js';
import type { FakeLlm } from './fakes/llm.js';
import { TEST_SIGNING_KEYS } from './signing.js';

export type WorkerProcess = ChildProcess;

/** Ready when it polls its queues. */
export function startWorkerProcess(env: Record<string, string>): WorkerProcess {
  return startChild('workers/main.ts', env, '"working"');
}

/** What a worker needs to judge by the fake model, whose documents have their text already: no store is asked. */
export function workerEnv(
  database: Pick<TestDatabase, 'app_url' | 'reconcile_url' | 'report_url'>,
  temporal_address: string,
  llm: FakeLlm,
): Record<string, string> {
  return {
    DATABASE_APP_URL: database.app_url,
    DATABASE_RECONCILE_URL: database.reconcile_url,
    DATABASE_REPORT_URL: database.report_url,
    TEMPORAL_ADDRESS: temporal_address,
    PAYLOAD_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    SIGNING_KEYS: TEST_SIGNING_KEYS,
    OPENAI_BASE_URL: llm.base_url,
    OPENAI_API_KEY: 'stub',
    LLM_MODEL: 'stub',
    S3_ENDPOINT: 'http://127.0.0.1:1',
    S3_BUCKET: 'none',
    S3_ACCESS_KEY_ID: 'none',
    S3_SECRET_ACCESS_KEY: 'none',
  };
}
