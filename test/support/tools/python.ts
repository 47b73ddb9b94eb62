// A Python of our own with the programs that judge an HTTP API from outside: schemathesis, openapi-spec-validator.
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../../local/problem.js';
import { tail } from '../../../local/process.js';
import { clock, runCommand, type CommandResult } from '../../../local/tools/command.js';
import { cachedProgram, findOnPath, type ToolsOptions } from '../../../local/tools/folder.js';

// hypothesis draws the examples: another version would draw others from the same seed
const PACKAGES = ['schemathesis==4.32.5', 'hypothesis==6.170.15', 'openapi-spec-validator==0.9.0'];
const NAME = 'contract-python-4.32.5';
const TIMEOUT_MS = 10 * 60_000;
const PIP = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--only-binary', ':all:'];

const HOW_TO = 'The contract tests need Python 3.10 or newer with venv or pip (Debian: python3-venv).';

/** @returns the path of a Python that can run `-m schemathesis.cli` and `-m openapi_spec_validator` */
export async function contractPython(options: ToolsOptions): Promise<string> {
  return cachedProgram(options, NAME, async (folder) => {
    const python = await findOnPath('python3', options.env);
    if (python === undefined) throw new Problem(`There is no python3 on the PATH. ${HOW_TO}`);
    const made = join(folder, 'packages');
    await mkdir(made);
    const inVenv = await byVenv(options, python, made);
    const installed = inVenv.ok ? inVenv : await byTarget(options, python, made);
    if (!installed.ok) {
      throw new Problem(`Installing schemathesis by pip failed: ${tail(installed.output, 2)} ${HOW_TO}`);
    }
    // The packages go first: the script is what counts as done.
    const kept = join(options.tools_dir, `${NAME}-packages`);
    await rm(kept, { recursive: true, force: true });
    await rename(made, kept);
    const start = inVenv.ok
      ? `exec '${kept}/bin/python3'`
      : `PYTHONPATH="$PYTHONPATH:${kept}" exec '${python}'`;
    await writeFile(join(folder, NAME), `#!/bin/sh\n${start} "$@"\n`);
    await chmod(join(folder, NAME), 0o755);
  });
}

async function byVenv(options: ToolsOptions, python: string, folder: string): Promise<CommandResult> {
  const made = await run(options, python, ['-m', 'venv', folder]);
  if (!made.ok) return made; // Debian ships venv without ensurepip
  return await run(options, join(folder, 'bin/python3'), [...PIP, ...PACKAGES]);
}

async function byTarget(options: ToolsOptions, python: string, folder: string): Promise<CommandResult> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return await run(options, python, [...PIP, '--target', folder, ...PACKAGES]);
}

async function run(options: ToolsOptions, python: string, args: string[]): Promise<CommandResult> {
  return await runCommand(python, args, {
    cwd: options.tools_dir,
    env: options.env,
    timeout_ms: TIMEOUT_MS,
    tick: (seconds) => options.progress(`installing schemathesis by pip ${clock(seconds)}`),
  });
}
