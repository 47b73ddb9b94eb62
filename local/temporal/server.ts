// Temporal's own dev server as a supervised child process; flags and their reasons are in workflows.md 1.
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPortFree } from '../ports.js';
import { loggedProblem, Problem } from '../problem.js';
import { launch, stopProcess, tail, type Born, type Launched, type Running } from '../process.js';

export interface TemporalOptions {
  /** Path of the `temporal` program. */
  program: string;
  /** The sqlite file that holds everything. */
  dbFile: string;
  port: number;
  /** Without it there is no Web UI. */
  uiPort?: number;
  namespace?: string;
  /** Where the Web UI lets payloads be decoded. */
  codecEndpoint?: string;
  /** Default: beside the database. */
  logFile?: string;
  /** A server that nobody will miss (tests): no waiting for the disk. */
  throwaway?: boolean;
  born?: Born | undefined;
}

export interface Temporal extends Running {
  address: string;
}

const SEARCH_ATTRIBUTES = ['OrgId=Keyword', 'ResourceId=Keyword', 'Phase=Keyword', 'SlaDueAt=Datetime'];

// One shard polls its queues at most 20 times a second by default, which costs 45 ms per task.
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=2000',
  'system.enableActivityEagerExecution=true',
];

const READY_TIMEOUT_MS = 60_000;

export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  // Asked before, because a foreign server on the port would pass for ours.
  for (const port of [options.port, options.uiPort]) {
    if (port !== undefined && !(await isPortFree(port))) throw portTaken(port, options);
  }
  const db_file = resolve(options.dbFile);
  mkdirSync(dirname(db_file), { recursive: true });
  const address = `127.0.0.1:${String(options.port)}`;
  const launched = await launch({
    command: options.program,
    args: argumentsFor(options, db_file),
    // without the operator's own TEMPORAL_* settings, which are for the CLI as a client
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    cwd: dirname(db_file),
    log_file: options.logFile ?? `${db_file}.log`,
    born: options.born,
  });
  const stop = (): Promise<void> => stopProcess(launched.pid, [{ signal: 'SIGTERM', wait_ms: 10_000 }]);
  try {
    await untilReady(launched, address, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: launched.pid, exited: launched.exited, address, stop };
}

function argumentsFor(options: TemporalOptions, db_file: string): string[] {
  const ui =
    options.uiPort === undefined
      ? ['--headless']
      : ['--ui-port', String(options.uiPort), ...pairs('--ui-codec-endpoint', [options.codecEndpoint])];
  return [
    'server',
    'start-dev',
    ...pairs('--ip', ['127.0.0.1']),
    ...pairs('--port', [String(options.port)]),
    ...ui,
    ...pairs('--db-filename', [db_file]),
    ...pairs('--log-level', ['error']),
    ...pairs('--namespace', [options.namespace]),
    ...pairs('--sqlite-pragma', [
      'journal_mode=WAL',
      options.throwaway === true ? 'synchronous=OFF' : 'synchronous=NORMAL',
    ]),
    ...pairs('--search-attribute', SEARCH_ATTRIBUTES),
    ...pairs('--dynamic-config-value', DYNAMIC_CONFIG),
  ];
}

function pairs(flag: string, values: readonly (string | undefined)[]): string[] {
  return values.flatMap((value) => (value === undefined ? [] : [flag, value]));
}

/** Ready is when the namespace answers, not when the port does: the first calls would fail otherwise. */
async function untilReady(launched: Launched, address: string, options: TemporalOptions): Promise<void> {
  // Loaded while the server boots; it is the slowest part of a start otherwise.
  const loading = import('@temporalio/client');
  let ended = false;
  void launched.exited.then(() => (ended = true));
  const { Connection } = await loading;
  const connection = Connection.lazy({ address });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  try {
    for (;;) {
      if (ended) throw startProblem(launched.log(), options);
      const answered = await connection
        .withDeadline(Date.now() + 1_000, () =>
          connection.workflowService.describeNamespace({ namespace: options.namespace ?? 'default' }),
        )
        .then(
          () => true,
          () => false,
        );
      if (answered && !ended) return;
      if (Date.now() > deadline)
        throw new Problem(`Temporal did not answer in time: ${tail(launched.log())}`);
      await sleep(40);
    }
  } finally {
    await connection.close();
  }
}

function startProblem(log: string, options: TemporalOptions): Problem {
  if (/address already in use|can't set (frontend|UI) port/i.test(log))
    return portTaken(options.port, options);
  return new Problem(loggedProblem(log, options.dbFile) ?? `The Temporal server ended at once: ${tail(log)}`);
}

function portTaken(port: number, options: TemporalOptions): Problem {
  const variable = port === options.uiPort ? 'TEMPORAL_UI_PORT' : 'TEMPORAL_PORT';
  return new Problem(`Port ${String(port)} is taken. Free it, or set ${variable} to another one.`);
}
