// Where the Temporal dev server comes from (workflows.md 1).
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { tail } from '../process.js';
import { clock, runCommand } from './command.js';
import { cachedProgram, findOnPath, isExecutable, type ToolsOptions } from './folder.js';
import { downloadBySdk } from './sdk-download.js';

/** Later tags carry a `replace` and cannot be installed this way. */
const GO_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const BUILD_TIMEOUT_MS = 30 * 60_000;

const HOW_TO =
  'Install the Temporal CLI (then set TEMPORAL_CLI or put it on the PATH), or Go to have it built, or set TEMPORAL_ADDRESS.';

/** @returns the path of a `temporal` program; building it takes minutes, once */
export async function temporalCli(options: ToolsOptions): Promise<string> {
  const { env } = options;
  if (env.TEMPORAL_CLI !== undefined && env.TEMPORAL_CLI !== '') {
    if (await isExecutable(env.TEMPORAL_CLI)) return env.TEMPORAL_CLI;
    throw new Problem(`TEMPORAL_CLI is ${env.TEMPORAL_CLI}, which is not a program that can be run.`);
  }
  const installed = await findOnPath('temporal', env);
  if (installed !== undefined && (await hasServer(installed, env))) return installed;
  return cachedProgram(options, 'temporal', async (folder) => {
    if (await downloadBySdk(options, 'dev-server', folder, 'temporal')) return;
    await buildByGo(options, folder);
  });
}

/** Another program may have the same name, and old builds of the CLI had no server. */
async function hasServer(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { ok, output } = await runCommand(path, ['--version'], { cwd: '/', env, timeout_ms: 10_000 });
  return ok && /Server \d/.test(output);
}

async function buildByGo(options: ToolsOptions, folder: string): Promise<void> {
  const go = (await findOnPath('go', options.env)) ?? (await usualGo());
  if (go === undefined)
    throw new Problem(`No Temporal server was found, and there is no Go to build one. ${HOW_TO}`);
  options.progress('building the Temporal server, once, about three minutes');
  const { ok, output } = await runCommand(go, ['install', '-v', GO_PACKAGE], {
    cwd: folder,
    env: { ...options.env, GOBIN: folder, GOFLAGS: '' },
    timeout_ms: BUILD_TIMEOUT_MS,
    tick: (seconds, lines) =>
      options.progress(`building the Temporal server, once ${clock(seconds)}, ${String(lines)} packages`),
  });
  if (ok && (await isExecutable(join(folder, 'temporal')))) return;
  const reason = /no space left on device/i.test(output)
    ? 'No space left on the disk that holds TOOLS_DIR and the Go build cache.'
    : `Building the Temporal server by Go failed: ${tail(output, 2)}`;
  throw new Problem(`${reason} ${HOW_TO}`);
}

/** Go's installer puts it here without touching the PATH of shells that are not login shells. */
async function usualGo(): Promise<string | undefined> {
  return (await isExecutable('/usr/local/go/bin/go')) ? '/usr/local/go/bin/go' : undefined;
}
