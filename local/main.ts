// `npm start`: the whole product in one terminal, on nothing but Node.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { readStackConfig, type StackConfig, whereOf } from './config.js';
import { demoDocuments } from './demo/documents.js';
import { demoEmail } from './demo/seed.js';
import { presentDemo } from './demo-stage.js';
import { tryLock } from './lock.js';
import { STOP_ORDER, type PartsContext } from './parts.js';
import { messageOf, Problem, systemProblem } from './problem.js';
import { isAlive, isShell, parentOf, waitUntil } from './process.js';
import { bringUp, type Stack } from './stack.js';
import { checkPorts, ensureSecrets, keepPorts, makeDataDir, PORT_VARIABLES } from './state.js';
import { createSupervisor } from './supervisor/supervisor.js';
import { stopOrphans } from './supervisor/pids.js';
import { openTerminal, type Terminal } from './terminal.js';
import { endCommands } from './tools/command.js';

// The AWS SDK is pinned to its last line for Node 20; its advice is not for who runs this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const terminal = openTerminal(process.stdout);
process.exitCode = await main(process.env, terminal);
// Sockets of libraries may linger; everything that matters has been stopped by now.
process.exit();

async function main(env: NodeJS.ProcessEnv, screen: Terminal): Promise<number> {
  let data_dir = 'DATA_DIR';
  try {
    loadEnvFile();
    const config = readStackConfig(env);
    data_dir = config.DATA_DIR;
    makeDataDir(data_dir);
    const release = await takeDataDir(data_dir, screen);
    try {
      return await run(config, env, screen);
    } finally {
      release();
    }
  } catch (error) {
    screen.say(`✖ ${clearLine(error, data_dir)}`);
    return 1;
  }
}

async function run(config: StackConfig, env: NodeJS.ProcessEnv, screen: Terminal): Promise<number> {
  const run_dir = join(config.DATA_DIR, 'run');
  const stop = new AbortController();
  let failure: unknown;
  const supervisor = createSupervisor({
    run_dir,
    stop_order: STOP_ORDER,
    warn: (line) => screen.warn(line),
    fatal: (problem) => {
      failure = problem;
      stop.abort();
    },
  });
  stopOnSignals(stop, screen);
  try {
    const orphans = await stopOrphans(run_dir, STOP_ORDER);
    if (orphans.length > 0) screen.warn(`stopped what the last run left: ${orphans.join(', ')}`);
    const context = await prepare(config, env, screen);
    const { signal } = stop;
    const stack = await bringUp({ context, supervisor, terminal: screen, signal });
    if (config.DEMO) {
      await presentDemo({ config, stack, terminal: screen, signal, documents: demoDocuments });
    }
    if (!stop.signal.aborted) {
      sayAddresses(config, stack, screen);
      await aborted(stop.signal);
    }
  } catch (error) {
    if (!stop.signal.aborted) failure = error;
  }
  stop.abort();
  endCommands();
  if (failure !== undefined) screen.say(`✖ ${clearLine(failure, config.DATA_DIR)}`);
  screen.paint('◌ stopping …');
  await supervisor.stopAll();
  screen.say('Stopped.');
  return failure === undefined ? 0 : 1;
}

async function prepare(config: StackConfig, env: NodeJS.ProcessEnv, screen: Terminal): Promise<PartsContext> {
  const embedded_temporal = config.TEMPORAL_ADDRESS === undefined;
  await checkPorts([
    { variable: 'PORT', port: config.PORT, host: config.HOST },
    ...(embedded_temporal
      ? [
          { variable: 'TEMPORAL_PORT', port: config.TEMPORAL_PORT },
          { variable: 'TEMPORAL_UI_PORT', port: config.TEMPORAL_UI_PORT },
        ]
      : []),
    ...PORT_VARIABLES.flatMap((variable) => {
      const port = config[variable];
      return port === undefined ? [] : [{ variable, port }];
    }),
  ]);
  return {
    config,
    env,
    ports: await keepPorts(config),
    secrets: await ensureSecrets(config.DATA_DIR),
    web_ui_key: randomBytes(16).toString('hex'),
    warn: (line) => screen.warn(line),
  };
}

/** One stack per directory; one that is just ending because its npm was killed gets the time to do so. */
async function takeDataDir(data_dir: string, screen: Terminal): Promise<() => void> {
  const file = join(data_dir, 'run', 'stack.lock');
  for (;;) {
    const attempt = tryLock(file);
    if (attempt.held) return attempt.release;
    const { pid } = attempt.holder;
    if (ancestors(pid).includes(1)) {
      screen.paint('◌ waiting for the last run to end …');
      if (await waitUntil(() => !isAlive(pid), 20_000, 100)) continue;
    }
    throw new Problem(
      `npm start already runs on ${data_dir} (pid ${String(pid)}). Stop it, or set DATA_DIR and the ports for a second one.`,
    );
  }
}

function stopOnSignals(stop: AbortController, screen: Terminal): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) screen.say('Still stopping: work in progress is being finished.');
      stop.abort();
      endCommands();
    });
  }
  // A kill -9 of npm leaves this process behind, with nobody to see or stop it.
  if (process.env.npm_lifecycle_event === undefined) return;
  const before = ancestors(process.pid).join();
  setInterval(() => {
    if (ancestors(process.pid).join() !== before) stop.abort();
  }, 1_000).unref();
}

/** The parent, and when that is the shell through which npm runs a script, npm too. */
function ancestors(pid: number): number[] {
  const parent = parentOf(pid);
  if (parent === undefined) return [];
  const above = isShell(parent) ? parentOf(parent) : undefined;
  return above === undefined ? [parent] : [parent, above];
}

async function aborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await sleep(86_400_000, undefined, { signal }).catch(() => undefined);
}

function sayAddresses(config: StackConfig, stack: Stack, screen: Terminal): void {
  screen.say('');
  screen.say(`  API          ${stack.api_url}/api/v1`);
  screen.say(`  Swagger UI   ${stack.api_url}/api/v1/docs`);
  screen.say(`  Temporal     ${stack.temporal_ui_url}`);
  if (stack.sign_in_url !== undefined) screen.say(`  Sign in      ${stack.sign_in_url}`);
  if (stack.env.ACCESS_TEAM_DOMAIN?.startsWith('http://127.0.0.1') === true) {
    screen.say(`  A token      ${whereOf(config)}npm run token -- --email ${demoEmail('admin')}`);
  }
  screen.say('');
  screen.say('  Ctrl-C stops everything; the data stays.');
}

function clearLine(error: unknown, data_dir: string): string {
  if (error instanceof Problem) return error.message;
  const known = systemProblem(error, data_dir);
  if (known !== undefined) return known;
  return messageOf(error);
}

function loadEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch {
    // There is no .env: the environment alone counts.
  }
}
