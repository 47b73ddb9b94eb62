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
import { dispatch } from '../db/outbox/deliver.js';
import { findUndelivered } from '../db/outbox/repository.js';
import type { ConnectionSettings } from '../db/temporal/connection.js';
import { readTenant } from '../db/tenancy.js';
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
      await Promise.all(noting.values());
      await connection.close().catch(() => undefined); // lazy: it may never have been opened
    },
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
