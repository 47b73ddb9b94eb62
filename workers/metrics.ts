// What a worker process can be asked over HTTP, on loopback: its metrics with those of the SDK, and whether it works.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TelemetryOptions, Worker } from '@temporalio/worker';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

const LOOPBACK = '127.0.0.1';
const SDK_TIMEOUT_MS = 1_000;

/** One queue's worker, as far as it is watched. */
export interface Watched {
  queue: string;
  worker: Pick<Worker, 'getState' | 'getStatus'>;
}

export interface MetricsOptions {
  port: number;
  /** Seconds that the oldest row has been owed to Temporal. */
  outboxWait(): Promise<number>;
  /** Work that waits for a database connection. */
  poolQueue(): number;
}

export interface WorkerMetrics {
  /** For the SDK's runtime: its own metrics, served by it on a port that only this process asks. */
  telemetry: TelemetryOptions;
  port: number;
  watch(workers: readonly Watched[]): void;
  close(): Promise<void>;
}

/** Serves from the beginning: a process that waits for Temporal is alive, and not ready. */
export async function openMetrics(options: MetricsOptions): Promise<WorkerMetrics> {
  const watched: Watched[] = [];
  const registry = createRegistry(watched, options);
  const sdk_port = await freePort();

  const answer: Record<string, (response: ServerResponse) => Promise<void>> = {
    async '/metrics'(response) {
      const texts = await Promise.all([registry.metrics(), sdkMetrics(sdk_port)]);
      send(response, 200, registry.contentType, texts.join('\n'));
    },
    async '/livez'(response) {
      send(response, 200, 'text/plain', 'alive');
      return Promise.resolve();
    },
    async '/readyz'(response) {
      const ready = watched.length > 0 && watched.every(({ worker }) => worker.getState() === 'RUNNING');
      send(response, ready ? 200 : 503, 'text/plain', ready ? 'ready' : 'not ready');
      return Promise.resolve();
    },
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const handler = Object.hasOwn(answer, path) ? answer[path] : undefined;
    if (request.method !== 'GET' || handler === undefined) send(response, 404, 'text/plain', 'no such path');
    else handler(response).catch(() => send(response, 500, 'text/plain', 'failed'));
  });
  const { port } = await listen(server, options.port);
  return {
    telemetry: {
      metrics: { prometheus: { bindAddress: `${LOOPBACK}:${sdk_port}`, countersTotalSuffix: true } },
    },
    port,
    watch: (workers) => void watched.push(...workers),
    close: () => close(server),
  };
}

function createRegistry(watched: readonly Watched[], options: MetricsOptions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const ofQueues = (name: string, help: string, read: (worker: Watched['worker']) => number): void => {
    void new Gauge({
      name,
      help,
      labelNames: ['queue'],
      registers,
      collect() {
        for (const { queue, worker } of watched) this.set({ queue }, read(worker));
      },
    });
  };
  ofQueues('grc_worker_polling', 'whether the queue is polled for work: 1 or 0', (worker) =>
    worker.getState() === 'RUNNING' ? 1 : 0,
  );
  ofQueues(
    'grc_worker_activities_in_flight',
    'activities that the process works on',
    (worker) => worker.getStatus().numInFlightActivities,
  );
  ofQueues(
    'grc_worker_workflows_cached',
    'workflows kept in memory',
    (worker) => worker.getStatus().numCachedWorkflows,
  );
  void new Gauge({
    name: 'grc_db_pool_queue',
    help: 'work that waits for a database connection',
    registers,
    collect() {
      this.set(options.poolQueue());
    },
  });
  void new Gauge({
    name: 'grc_outbox_oldest_seconds',
    help: 'how long the oldest row has been owed to Temporal; alert at 60',
    registers,
    async collect() {
      this.reset();
      // while the database is away nobody knows, and no figure says so
      await options.outboxWait().then(
        (seconds) => this.set(seconds),
        () => this.remove(),
      );
    },
  });
  return registry;
}

/** The runtime may not be up yet, or not any more. */
async function sdkMetrics(port: number): Promise<string> {
  try {
    const url = `http://${LOOPBACK}:${port}/metrics`;
    const response = await fetch(url, { signal: AbortSignal.timeout(SDK_TIMEOUT_MS) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(text);
}

/** The SDK cannot be asked which port it got. */
async function freePort(): Promise<number> {
  const probe = createServer();
  const { port } = await listen(probe, 0);
  await close(probe);
  return port;
}

async function listen(server: Server, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the metrics have no port');
  return address;
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
