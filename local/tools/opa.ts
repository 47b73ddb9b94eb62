// Where the policy engine comes from (libraries.md 2.2).
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { runCommand } from './command.js';
import { cachedProgram, findOnPath, isExecutable, type ToolsOptions } from './folder.js';
import { installByGo } from './go.js';

const VERSION = 'v1.22.2';
const NAME = `opa-${VERSION}`;

const HOW_TO =
  'Install OPA (then set OPA_BIN or put it on the PATH), or Go to have it built, or set OPA_URL.';

/** @returns the path of an `opa` program; building it takes two minutes, once */
export async function opaProgram(options: ToolsOptions): Promise<string> {
  const { env } = options;
  if (env.OPA_BIN !== undefined && env.OPA_BIN !== '') {
    if (await isExecutable(env.OPA_BIN)) return env.OPA_BIN;
    throw new Problem(`OPA_BIN is ${env.OPA_BIN}, which is not a program that can be run.`);
  }
  const installed = await findOnPath('opa', env);
  if (installed !== undefined && (await readsPresentRego(installed, env))) return installed;
  return cachedProgram(options, NAME, async (folder) => {
    await installByGo(options, folder, {
      package: `github.com/open-policy-agent/opa@${VERSION}`,
      name: 'opa',
      title: 'the policy engine',
      takes: 'about two minutes',
      how_to: HOW_TO,
    });
    await rename(join(folder, 'opa'), join(folder, NAME));
  });
}

/** Before 1.0 the same words meant other things. */
async function readsPresentRego(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { ok, output } = await runCommand(path, ['version'], { cwd: '/', env, timeout_ms: 10_000 });
  return ok && /^Version: [1-9]/m.test(output);
}
