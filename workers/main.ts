// The worker process: hosts the queues named on the command line, or all of them, and what is owed.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createCodec, toDataConverter } from '../db/crypto/data-converter.js';
import { armFailpoint } from '../db/failpoint.js';
import { connectionSettings } from '../db/temporal/connection.js';
import { loadWorkflowBundle } from './bundle.js';
import { createCheckpoints } from './checkpoints.js';
import { readWorkerConfig, type WorkerConfig } from './config.js';
import { type WorkerDeps, wireWorker } from './deps.js';
import { lead, type LeaderDeps, type LeaderSettings } from './leader.js';
import { openMetrics, type WorkerMetrics } from './metrics.js';
import { QUEUES } from './registry.js';
import { relay, relayBacklogSeconds } from './relay.js';
import { sdkLogger } from './sdk-log.js';

// The AWS SDK is pinned to its last line for Node 20; its advice is not for who runs this.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const RECONNECT_MS = 1_000;

function configOrExit(): WorkerConfig {
  try {
    return readWorkerConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

const config = configOrExit();
// as in api/main.ts: nothing but a test can arm it
if (config.NODE_ENV === 'test' && process.env['GRC_FAILPOINT']) armFailpoint(process.env['GRC_FAILPOINT']);
const log = pino({ level: config.LOG_LEVEL, base: { process: 'worker' } });
const stopping = new AbortController();

process.on('unhandledRejection', (error) => {
  log.fatal({ err: error }, 'unhandled rejection');
  process.exit(1);
});

/** Temporal being away is no reason to die: the process waits for it. */
async function connectWhenThere(): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect(connectionSettings(config));
    } catch (error) {
      log.warn({ err: error, address: config.TEMPORAL_ADDRESS }, 'waiting for Temporal');
      await sleep(RECONNECT_MS, undefined, { signal: stopping.signal });
    }
  }
}

function leaderSettings(env: WorkerConfig): LeaderSettings {
  return {
    every_ms: env.RECONCILE_SECONDS * 1_000,
    ages: { row_s: env.RECONCILE_ROW_AGE_SECONDS, workflow_s: env.RECONCILE_WORKFLOW_AGE_SECONDS },
    anchor_period_ms: env.AUDIT_ANCHOR_SECONDS * 1_000,
  };
}

function checkpointsOf({ signing, ...deps }: WorkerDeps): LeaderDeps['checkpoint'] {
  if (signing === undefined) return undefined;
  return createCheckpoints({ ...deps, signing }, config.TIMELINE_CHECKPOINT_SECONDS * 1_000, log);
}

async function measure(deps: WorkerDeps): Promise<WorkerMetrics | undefined> {
  if (config.METRICS_PORT === undefined) return undefined;
  return await openMetrics({
    port: config.METRICS_PORT,
    outboxWait: () => relayBacklogSeconds(deps.reconcile_db),
    poolQueue: () => deps.db.client.pool?.numPendingAcquires() ?? 0,
  });
}

async function run(): Promise<void> {
  const wanted = process.argv.slice(2);
  const specs = QUEUES.filter(({ queue }) => wanted.length === 0 || wanted.includes(queue));
  if (specs.length === 0)
    throw new Error(`no such queue; there are ${QUEUES.map(({ queue }) => queue).join(', ')}`);
  const deps = wireWorker(config);
  const metrics = await measure(deps);
  Runtime.install({
    logger: sdkLogger(log),
    shutdownSignals: [], // its own handlers would stop the workers before ours knows
    ...(metrics && { telemetryOptions: metrics.telemetry }),
  });
  const dataConverter = toDataConverter(createCodec(deps.db, config.PAYLOAD_KEYS));
  const [connection, bundle] = await Promise.all([
    connectWhenThere(),
    specs.some(({ workflows }) => workflows) ? loadWorkflowBundle() : undefined,
  ]);
  const workers = await Promise.all(
    specs.map((spec) =>
      Worker.create({
        connection,
        namespace: config.TEMPORAL_NAMESPACE,
        taskQueue: spec.queue,
        dataConverter,
        identity: `grc-${process.pid}`, // no host or user name
        shutdownGraceTime: '25s', // the default of 0 cancels what is in flight at once
        shutdownForceTime: '30s',
        // a beat carries the news that the run is cancelled; the default lets it wait for most of the timeout
        maxHeartbeatThrottleInterval: '2s',
        ...(spec.workflows && bundle && { workflowBundle: bundle.workflowBundle }),
        ...spec.options(deps, config),
      }),
    ),
  );
  const client = new Client({
    connection: Connection.lazy(connectionSettings(config)),
    namespace: config.TEMPORAL_NAMESPACE,
    dataConverter,
  });
  stopping.signal.addEventListener('abort', () => workers.forEach((worker) => worker.shutdown()));
  metrics?.watch(workers.map((worker) => ({ queue: worker.options.taskQueue, worker })));
  log.info({ queues: specs.map(({ queue }) => queue), bundle: bundle?.origin }, 'working');
  await Promise.all([
    ...workers.map((worker) => worker.run()),
    relay(deps.reconcile_db, { db: deps.db, client }, log, stopping.signal),
    lead({ ...deps, client, checkpoint: checkpointsOf(deps) }, leaderSettings(config), log, stopping.signal),
  ]);
  await client.connection.close();
  await connection.close();
  await metrics?.close();
  await deps.close();
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  });
}

try {
  await run();
  log.info('stopped');
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  log.fatal({ err: error }, 'cannot work');
  process.exit(1);
}
