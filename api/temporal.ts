// The API's way to Temporal: every call has a deadline, none is needed for a right answer.
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
import { deliver } from '../db/outbox/deliver.js';
import { findUndelivered } from '../db/outbox/repository.js';
import type { ConnectionSettings } from '../db/temporal/connection.js';
import { withTenant } from '../db/tenancy.js';
import type { TemporalGate } from './commands.js';

const LONGEST_BACKOFF_MS = 200;

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
  const connection = Connection.lazy({
    ...options.connection,
    interceptors: [makeGrpcRetryInterceptor(promptRetries())],
  });
  const client = new Client({
    connection,
    namespace: options.namespace,
    dataConverter: options.data_converter,
  });
  return {
    connection,
    gate: {
      async deliver(tenant, outbox_id, deadline_ms) {
        failpoint('after_commit');
        // what is asked for is committed: a database that is away by now is no reason to deny it
        const row = await withTenant(db, tenant, (trx) => findUndelivered(trx, outbox_id)).catch(
          () => undefined,
        );
        if (row === undefined) return { run_id: null };
        const { run_id } = await deliver({ db, client }, row, deadline_ms);
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
    close: () => connection.close().catch(() => undefined), // lazy: it may never have been opened
  };
}

/** The client notices a deadline only when it tries again: its own back-off would outwait it by seconds. */
function promptRetries(): GrpcRetryOptions {
  const usual = defaultGrpcRetryOptions();
  return {
    ...usual,
    delayFunction: (attempt, status) => Math.min(LONGEST_BACKOFF_MS, usual.delayFunction(attempt, status)),
  };
}
