// Steps of one run that are ready at the same moment share a transaction: while one commits, the next ones gather.
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.js';
import type { Database } from '../../db/connection.js';
import { type Step, type StepResult, stepRun } from '../../db/findings/record.js';
import { withTenant } from '../../db/tenancy.js';
import type { RunRef } from './types.js';

/** More in one statement makes the lock on the run's row long without making a control cheaper. */
const MOST = 100;

interface Waiting {
  run: RunRef;
  step: Partial<Step>;
  resolve: (result: StepResult) => void;
  reject: (error: unknown) => void;
}

export interface Recorder {
  step(run: RunRef, step: Partial<Step>): Promise<StepResult>;
}

export function createRecorder(db: Database): Recorder {
  const queues = new Map<string, Waiting[]>();

  async function drain(execution_id: string, queue: Waiting[]): Promise<void> {
    // those that become ready in this turn of the event loop belong together
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await commit(db, queue.splice(0, MOST));
    queues.delete(execution_id);
  }

  return {
    step: (run, step) =>
      new Promise<StepResult>((resolve, reject) => {
        const waiting = { run, step, resolve, reject };
        const queue = queues.get(run.execution_id);
        if (queue) {
          queue.push(waiting);
          return;
        }
        const fresh = [waiting];
        queues.set(run.execution_id, fresh);
        void drain(run.execution_id, fresh);
      }),
  };
}

async function commit(db: Database, group: readonly Waiting[]): Promise<void> {
  const first = group[0];
  if (first === undefined) return;
  const { run } = first;
  const joined: Step = {
    verdicts: group.flatMap(({ step }) => step.verdicts ?? []),
    failures: group.flatMap(({ step }) => step.failures ?? []),
    releases: group.flatMap(({ step }) => step.releases ?? []),
    takes: group.flatMap(({ step }) => step.takes ?? []),
  };
  try {
    const result = await patiently(() =>
      withTenant(db, run.tenant, (trx) => stepRun(trx, run.tenant, run, joined)),
    );
    for (const { resolve } of group) resolve(result);
  } catch (error) {
    // Each step is safe to repeat, so the activity's own retry is enough.
    for (const { reject } of group) reject(error);
  }
}

// An answer of a model is paid for already: it outlives a restart of the database. Steps are safe to repeat.
const PATIENCE_MS = 60_000;
const LONGEST_WAIT_MS = 2_000;

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  for (let wait_ms = 100; ; wait_ms = Math.min(wait_ms * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      const passing = error instanceof DomainError && error.code === 'SERVICE_UNAVAILABLE';
      if (!passing || Date.now() - began > PATIENCE_MS) throw error;
      await sleep(wait_ms);
    }
  }
}
