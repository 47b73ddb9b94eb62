// The parts of the embedded stack: how each is started, and what each is told.
import { join } from 'node:path';
import { TASK_QUEUES } from '../domain/temporal.js';
import type { StackConfig } from './config.js';
import { opaSocket, startOpa } from './opa/server.js';
import { ensureDatabase } from './postgres/databases.js';
import { startPostgres, type Postgres } from './postgres/server.js';
import { publicUrl } from './product-env.js';
import type { KeptPorts, Secrets } from './state.js';
import { startNodePart } from './supervisor/node-part.js';
import type { Part } from './supervisor/supervisor.js';
import { isPolled } from './temporal/pollers.js';
import { startTemporal } from './temporal/server.js';

export interface PartsContext {
  config: StackConfig;
  ports: KeptPorts;
  secrets: Secrets;
  /** Signs browsers in to the Web UI; of this start only. */
  web_ui_key: string;
  env: NodeJS.ProcessEnv;
  warn: (line: string) => void;
}

/** First what takes work, last what keeps it. */
export const STOP_ORDER = [
  'api',
  'worker',
  'web-ui',
  'opa',
  'temporal',
  'storage',
  'access',
  'postgres',
] as const;

export const DATABASE = 'grc';
const DRAIN_MS = 40_000; // the worker's own grace is 25 s, its force 30 s

export function postgresPart(context: PartsContext, started: (postgres: Postgres) => void): Part {
  const { config, ports, secrets, warn } = context;
  return {
    name: 'postgres',
    async start(born) {
      const postgres = await startPostgres({
        born,
        dataDir: join(config.DATA_DIR, 'postgres'),
        port: ports.POSTGRES_PORT,
        password: secrets.postgres_password,
        logFile: join(config.DATA_DIR, 'logs', 'postgres.log'),
        warn,
      });
      await ensureDatabase(postgres.url('postgres'), DATABASE);
      started(postgres);
      return postgres;
    },
  };
}

export function temporalPart({ config, ports }: PartsContext, program: () => Promise<string>): Part {
  return {
    name: 'temporal',
    start: async (born) =>
      startTemporal({
        born,
        program: await program(),
        dbFile: join(config.DATA_DIR, 'temporal.db'),
        port: config.TEMPORAL_PORT,
        uiPort: ports.TEMPORAL_UI_BACKEND_PORT,
        namespace: config.TEMPORAL_NAMESPACE,
        codecEndpoint: `${publicUrl(config)}/api/v1/codec`,
        logFile: join(config.DATA_DIR, 'logs', 'temporal.log'),
      }),
  };
}

export function opaPart({ config }: PartsContext, program: () => Promise<string>): Part {
  return {
    name: 'opa',
    optional: true, // without it automated steps are denied, and /health says so
    start: async (born) =>
      startOpa({
        born,
        program: await program(),
        socket: opaSocket(config.DATA_DIR),
        log_file: join(config.DATA_DIR, 'logs', 'opa.log'),
      }),
  };
}

/** The small servers of our own: stand-ins for Access and S3, and what stands before the Web UI. */
export function servicePart(context: PartsContext, name: 'access' | 'storage' | 'web-ui'): Part {
  const { config, ports, env } = context;
  return {
    name,
    start: (born) =>
      startNodePart({
        born,
        name,
        entry: `local/${name}-main`,
        env: {
          ...env,
          DATA_DIR: config.DATA_DIR,
          S3_BUCKET: config.S3_BUCKET,
          ACCESS_PORT: String(ports.ACCESS_PORT),
          STORAGE_PORT: String(ports.STORAGE_PORT),
          TEMPORAL_UI_PORT: String(config.TEMPORAL_UI_PORT),
          TEMPORAL_UI_BACKEND_PORT: String(ports.TEMPORAL_UI_BACKEND_PORT),
          WEB_UI_KEY: context.web_ui_key,
        },
        data_dir: config.DATA_DIR,
        ready: ({ log }) => log.includes(`${name} ready at `),
        stop_wait_ms: 5_000,
      }),
  };
}

export function apiPart({ config }: PartsContext, env: NodeJS.ProcessEnv): Part {
  const { DATA_DIR, PORT } = config;
  return {
    name: 'api',
    start: (born) =>
      startNodePart({
        born,
        name: 'api',
        entry: 'api/main',
        env,
        data_dir: DATA_DIR,
        ready: () => answers(`http://${reachable(config.HOST)}:${String(PORT)}/livez`),
        stop_wait_ms: DRAIN_MS,
      }),
  };
}

export function workerPart({ config }: PartsContext, env: NodeJS.ProcessEnv): Part {
  const { METRICS_PORT: _, ...worker_env } = env; // the port is the API's
  const embedded = config.TEMPORAL_ADDRESS === undefined;
  const where = {
    address: env.TEMPORAL_ADDRESS ?? '',
    namespace: config.TEMPORAL_NAMESPACE,
    queue: TASK_QUEUES.core,
  };
  return {
    name: 'worker',
    start: (born) =>
      startNodePart({
        born,
        name: 'worker',
        entry: 'workers/main',
        env: worker_env,
        data_dir: config.DATA_DIR,
        // Of a server elsewhere we do not know how to sign in; there, having lived for a while must do.
        ready: ({ started_ms }) => (embedded ? isPolled(where, started_ms) : Date.now() - started_ms > 5_000),
        stop_wait_ms: DRAIN_MS,
      }),
  };
}

function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
