// Where the Temporal dev server comes from (workflows.md 1).
import { Problem } from '../problem.js';
import { runCommand } from './command.js';
import { cachedProgram, findOnPath, isExecutable, type ToolsOptions } from './folder.js';
import { installByGo } from './go.js';
import { downloadBySdk } from './sdk-download.js';

/** Later tags carry a `replace` and cannot be installed this way. */
const GO_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

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
    await installByGo(options, folder, {
      package: GO_PACKAGE,
      name: 'temporal',
      title: 'the Temporal server',
      takes: 'about three minutes',
      how_to: HOW_TO,
    });
  });
}

/** Another program may have the same name, and old builds of the CLI had no server. */
async function hasServer(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { ok, output } = await runCommand(path, ['--version'], { cwd: '/', env, timeout_ms: 10_000 });
  return ok && /Server \d/.test(output);
}
