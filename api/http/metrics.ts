import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  observe(route: string, method: string, status: number, seconds: number): void;
  keyRefresh(outcome: 'ok' | 'failed'): void;
  rateStoreFailed(): void;
  shed(): void;
}

/** One registry per app, so that two apps in one process (tests) do not share counters. */
export function createMetrics(options: { poolQueue(): number; process: boolean }): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const duration = new Histogram({
    name: 'grc_http_request_seconds',
    help: 'time to answer, by route name',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const keys = new Counter({
    name: 'grc_access_key_refresh_total',
    help: 'fetches of the sign-in keys',
    labelNames: ['outcome'],
    registers,
  });
  const store = new Counter({
    name: 'grc_rate_store_failures_total',
    help: 'times the shared rate store did not answer and this process counted alone',
    registers,
  });
  const shed = new Counter({
    name: 'grc_http_shed_total',
    help: 'requests refused because the process was overloaded',
    registers,
  });
  registers[0]?.registerMetric(
    new Gauge({
      name: 'grc_db_pool_queue',
      help: 'requests that wait for a database connection',
      registers: [],
      collect() {
        this.set(options.poolQueue());
      },
    }),
  );
  return {
    registry,
    observe: (route, method, status, seconds) =>
      duration.labels(route, method, String(status)).observe(seconds),
    keyRefresh: (outcome) => keys.inc({ outcome }),
    rateStoreFailed: () => store.inc(),
    shed: () => shed.inc(),
  };
}
