// Pythons of our own. One has the programs that judge an HTTP API from outside: schemathesis, openapi-spec-validator.
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

/** What is installed into a Python of its own. */
export interface PythonTools {
  /** Of the program that is kept; goes with the version. */
  name: string;
  packages: readonly string[];
  how_to: string;
}

const CONTRACT: PythonTools = {
  name: NAME,
  packages: PACKAGES,
  how_to: 'The contract tests need Python 3.10 or newer with venv or pip (Debian: python3-venv).',
};

/** @returns the path of a Python that can run `-m schemathesis.cli` and `-m openapi_spec_validator` */
export async function contractPython(options: ToolsOptions): Promise<string> {
  return await pythonWith(options, CONTRACT);
}

/** @returns the path of a Python that has these packages */
export async function pythonWith(options: ToolsOptions, tools: PythonTools): Promise<string> {
  const { name, how_to } = tools;
  return cachedProgram(options, name, async (folder) => {
    const python = await findOnPath('python3', options.env);
    if (python === undefined) throw new Problem(`There is no python3 on the PATH. ${how_to}`);
    const made = join(folder, 'packages');
    await mkdir(made);
    const inVenv = await byVenv(options, tools, python, made);
    const installed = inVenv.ok ? inVenv : await byTarget(options, tools, python, made);
    if (!installed.ok) {
      throw new Problem(`Installing ${name} by pip failed: ${tail(installed.output, 2)} ${how_to}`);
    }
    // The packages go first: the script is what counts as done.
    const kept = join(options.tools_dir, `${name}-packages`);
    await rm(kept, { recursive: true, force: true });
    await rename(made, kept);
    const start = inVenv.ok
      ? `exec '${kept}/bin/python3'`
      : `PYTHONPATH="$PYTHONPATH:${kept}" exec '${python}'`;
    await writeFile(join(folder, name), `#!/bin/sh\n${start} "$@"\n`);
    await chmod(join(folder, name), 0o755);
  });
}

async function byVenv(
  options: ToolsOptions,
  tools: PythonTools,
  python: string,
  folder: string,
): Promise<CommandResult> {
  const made = await run(options, tools, python, ['-m', 'venv', folder]);
  if (!made.ok) return made; // Debian ships venv without ensurepip
  return await run(options, tools, join(folder, 'bin/python3'), [...PIP, ...tools.packages]);
}

async function byTarget(
  options: ToolsOptions,
  tools: PythonTools,
  python: string,
  folder: string,
): Promise<CommandResult> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return await run(options, tools, python, [...PIP, '--target', folder, ...tools.packages]);
}

async function run(
  options: ToolsOptions,
  { name }: PythonTools,
  python: string,
  args: string[],
): Promise<CommandResult> {
  return await runCommand(python, args, {
    cwd: options.tools_dir,
    env: options.env,
    timeout_ms: TIMEOUT_MS,
    tick: (seconds) => options.progress(`installing ${name} by pip ${clock(seconds)}`),
  });
}
