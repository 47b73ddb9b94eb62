// The API process: reads its environment, serves, and stops without dropping a request.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { armFailpoint } from '../db/failpoint.js';
import { createApp } from './app.js';
import { readApiConfig, type ApiConfig } from './config.js';
import { wire, type Wiring } from './deps.js';
import { createApiServer } from './http/server.js';

// The AWS SDK is pinned to its last line for Node 20; its advice is not for who runs this.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** Load balancers need this long to see that /readyz says no. */
const DRAIN_NOTICE_MS = process.env['NODE_ENV'] === 'production' ? 5_000 : 100;
const STOP_LIMIT_MS = 20_000;
const IDLE_SWEEP_MS = 50; // server.close() waits for kept-alive sockets; closing them once is not enough
const LINES_BYTES = 4_096;
const LINES_MS = 100;

const VERSION = process.env['npm_package_version'] ?? readVersion();

function readVersion(): string {
  // built, this file lies one folder deeper
  const place = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  const text = readFileSync(new URL(place, import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

function configOrExit(): ApiConfig {
  try {
    return readApiConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

const config = configOrExit();
// nothing but a test can arm it: production has another NODE_ENV, and so has whoever sets none
if (config.NODE_ENV === 'test' && process.env['GRC_FAILPOINT']) armFailpoint(process.env['GRC_FAILPOINT']);
// A line for each request would be a system call for each: they go out together, at once when the process dies of a fault.
const lines = pino.destination({ sync: true, minLength: LINES_BYTES, periodicFlush: LINES_MS });
process.on('exit', () => lines.flushSync());
const log = pino({ level: config.LOG_LEVEL, base: { process: 'api' } }, lines);
const wiring = wire(config, {
  log,
  version: VERSION,
  parse_responses: config.NODE_ENV === 'test',
  process_metrics: true,
});

async function serve(): Promise<Server> {
  void wiring.keys.start();
  const callback = createApp(wiring.edge, wiring.routes).callback();
  const server = createApiServer((req, res) => void callback(req, res), wiring.edge);
  await listen(server, config.PORT, config.HOST);
  log.info({ host: config.HOST, port: config.PORT }, 'serving');
  return server;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

async function serveMetrics(metrics_wiring: Wiring, port: number): Promise<Server> {
  const { registry } = metrics_wiring.edge.metrics;
  const server = createServer((_req, res) => {
    void registry.metrics().then((text) => {
      res.setHeader('Content-Type', registry.contentType);
      res.end(text);
    });
  });
  await listen(server, port, '127.0.0.1');
  return server;
}

let stopping = false;

async function stop(servers: readonly Server[]): Promise<void> {
  if (stopping) process.exit(1);
  stopping = true;
  wiring.stop();
  await sleep(DRAIN_NOTICE_MS);
  const sweep = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), IDLE_SWEEP_MS);
  const limit = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), STOP_LIMIT_MS);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  clearInterval(sweep);
  clearTimeout(limit);
  await wiring.close();
  log.info('stopped');
  process.exit(0);
}

// After either of these the state of the process is unknown.
process.on('unhandledRejection', (error) => {
  log.fatal({ err: error }, 'unhandled rejection');
  process.exit(1);
});
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'uncaught exception');
  process.exit(1);
});

try {
  const servers = [await serve()];
  if (config.METRICS_PORT !== undefined) servers.push(await serveMetrics(wiring, config.METRICS_PORT));
  process.on('SIGTERM', () => void stop(servers));
  process.on('SIGINT', () => void stop(servers));
} catch (error) {
  log.fatal({ err: error }, 'cannot start');
  process.exit(1);
}
