// The API's way to Temporal: every call has a deadline, none is needed for a right answer.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataConverter } from '@temporalio/common';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  type GrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import type { Database } from '../db/connection.js';
import { failpoint } from '../db/failpoint.js';
import { dispatch } from '../db/outbox/deliver.js';
import { findUndelivered } from '../db/outbox/repository.js';
import type { ConnectionSettings } from '../db/temporal/connection.js';
import { readTenant } from '../db/tenancy.js';
import type { TemporalGate } from './commands.js';

const LONGEST_BACKOFF_MS = 200;
/** Timers count in whole milliseconds. */
const TIMER_SLACK_MS = 5;

export interface TemporalOptions {
  connection: ConnectionSettings;
  namespace: string;
  data_converter: DataConverter;
}

export interface TemporalLink {
  connection: Connection;
  gate: TemporalGate;
  close(): Promise<void>;
}

/** Connects at the first call: the API starts and reads without Temporal. */
export function linkTemporal(db: Database, options: TemporalOptions): TemporalLink {
  const retries = promptRetries();
  const connection = Connection.lazy({
    ...options.connection,
    interceptors: [makeGrpcRetryInterceptor(retries.options)],
  });
  const client = new Client({
    connection,
    namespace: options.namespace,
    dataConverter: options.data_converter,
  });
  /** Per workflow, what was delivered last and is being noted. */
  const noting = new Map<string, Promise<void>>();
  return {
    connection,
    gate: {
      async deliver(tenant, outbox_id, deadline_ms) {
        failpoint('after_commit');
        // what is asked for is committed: a database that is away by now is no reason to deny it
        const row = await readTenant(db, tenant, (rows) => findUndelivered(rows, outbox_id)).catch(
          () => undefined,
        );
        if (row === undefined) return { run_id: null };
        // a message to a run whose start is not noted yet would be put off
        await noting.get(row.workflow_id);
        const { run_id, noted } = await dispatch({ db, client }, row, deadline_ms);
        const ends = noted.then(() => {
          if (noting.get(row.workflow_id) === ends) noting.delete(row.workflow_id);
        });
        noting.set(row.workflow_id, ends);
        failpoint('before_response');
        return { run_id };
      },
      async ask(workflow_id, query, deadline_ms) {
        try {
          return await client.withDeadline(Date.now() + deadline_ms, () =>
            client.workflow.getHandle(workflow_id).query(query),
          );
        } catch {
          return undefined; // no worker in time, or no such run: the row answers
        }
      },
    },
    async close() {
      await Promise.all([retries.end(), ...noting.values()]);
      await connection.close().catch(() => undefined); // lazy: it may never have been opened
    },
  };
}

interface Retries {
  options: GrpcRetryOptions;
  /** No call is tried again from now on. Ends when none is about to be: on a closed connection that throws unheard. */
  end(): Promise<void>;
}

/** The client notices a deadline only when it tries again: its own back-off would outwait it by seconds. */
function promptRetries(): Retries {
  const usual = defaultGrpcRetryOptions();
  let ended = false;
  let latest = 0;
  return {
    options: {
      ...usual,
      retryableDecider: (attempt, status) => !ended && usual.retryableDecider(attempt, status),
      delayFunction(attempt, status) {
        const delay_ms = Math.min(LONGEST_BACKOFF_MS, usual.delayFunction(attempt, status));
        latest = Math.max(latest, performance.now() + delay_ms);
        return delay_ms;
      },
    },
    async end() {
      ended = true;
      const left_ms = latest - performance.now();
      if (left_ms > -TIMER_SLACK_MS) await sleep(Math.max(0, left_ms) + TIMER_SLACK_MS);
    },
  };
}
