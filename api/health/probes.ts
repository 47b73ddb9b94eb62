// How to ask each service whether it is there.
import type { Connection } from '@temporalio/client';
import type { Redis } from 'ioredis';
import { pingPostgres, type Database } from '../../db/connection.js';
import type { Opa } from '../../db/policies/opa.js';
import type { Probes } from './monitor.js';

const DEADLINE_MS = 450;
// Asking a model server costs more than asking our own parts, and its absence is no emergency.
const MODEL_CACHE_MS = 30_000;

export interface ProbeSources {
  db: Database;
  redis: Redis | undefined;
  opa: Opa | undefined;
  temporal: Connection;
  steampipe_url: string | undefined;
  storage_url: string | undefined;
  llm: { base_url: string; api_key: string } | undefined;
}

export function createProbes(sources: ProbeSources): Probes {
  const { db, redis, opa, temporal, steampipe_url, storage_url, llm } = sources;
  return {
    database: { probe: () => db.raw('select 1') },
    temporal: {
      // a call, because ensureConnected() remembers the first time for good
      probe: () =>
        temporal.withDeadline(Date.now() + DEADLINE_MS, () => temporal.workflowService.getSystemInfo({})),
    },
    ...(redis === undefined ? {} : { redis: { probe: () => redis.ping() } }),
    ...(opa === undefined ? {} : { opa: { probe: () => opa.ping(DEADLINE_MS) } }),
    ...(steampipe_url === undefined
      ? {}
      : { steampipe: { probe: () => pingPostgres(steampipe_url, DEADLINE_MS) } }),
    ...(storage_url === undefined ? {} : { storage: { probe: () => reach(storage_url) } }),
    ...(llm === undefined ? {} : { llm: { probe: () => askModels(llm), cache_ms: MODEL_CACHE_MS } }),
  };
}

/** Any HTTP answer proves that the store is there; who may read what is not the question here. */
async function reach(url: string): Promise<void> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error(`status ${response.status}`);
}

async function askModels(llm: { base_url: string; api_key: string }): Promise<void> {
  const response = await fetch(`${llm.base_url.replace(/\/$/, '')}/models`, {
    redirect: 'error',
    headers: { authorization: `Bearer ${llm.api_key}` },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  await response.body?.cancel();
  // Not every compatible server lists its models; one that answers is there.
  if (response.status >= 500 || response.status === 401) throw new Error(`status ${response.status}`);
}
