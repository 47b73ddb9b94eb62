// A real Redis: the one on the PATH, else Debian's packages, unpacked without being installed.
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../../local/problem.js';
import { tail } from '../../../local/process.js';
import { runCommand, type CommandResult } from '../../../local/tools/command.js';
import { cachedProgram, findOnPath, type ToolsOptions } from '../../../local/tools/folder.js';

/** Of Debian 12; another release of it has another version, which the script's name does not claim. */
const NAME = 'redis-server';
const PACKAGES = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2'];
const TIMEOUT_MS = 5 * 60_000;

const HOW_TO = 'Put a redis-server (6.2 or newer) on the PATH.';

/** @returns the path of a program that takes redis-server's arguments */
export async function redisServer(options: ToolsOptions): Promise<string> {
  const installed = await findOnPath(NAME, options.env);
  if (installed !== undefined) return installed;
  return cachedProgram(options, NAME, async (folder) => {
    const [apt, dpkg] = [await findOnPath('apt-get', options.env), await findOnPath('dpkg', options.env)];
    if (apt === undefined || dpkg === undefined) {
      throw new Problem(
        `No redis-server was found, and this is no Debian to take its packages from. ${HOW_TO}`,
      );
    }
    await download(options, apt, folder);
    const made = join(folder, 'files');
    await mkdir(made);
    for (const archive of (await readdir(folder)).filter((name) => name.endsWith('.deb'))) {
      refuse(await run(options, dpkg, ['-x', join(folder, archive), made], folder));
    }
    // The files go first: the script is what counts as done.
    const kept = join(options.tools_dir, `${NAME}-files`);
    await rm(kept, { recursive: true, force: true });
    await rename(made, kept);
    const libraries = (await readdir(join(kept, 'usr/lib')))
      .map((name) => join(kept, 'usr/lib', name))
      .join(':');
    const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${kept}/usr/bin/redis-server' "$@"\n`;
    await writeFile(join(folder, NAME), script);
    await chmod(join(folder, NAME), 0o755);
  });
}

/** With the machine's lists of packages, else with lists of its own, which need no root. */
async function download(options: ToolsOptions, apt: string, folder: string): Promise<void> {
  if ((await run(options, apt, ['download', ...PACKAGES], folder)).ok) return;
  const own = [
    '-o',
    `Dir::State::lists=${join(folder, 'lists')}`,
    '-o',
    `Dir::Cache=${join(folder, 'cache')}`,
  ];
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
  refuse(await run(options, apt, [...own, 'update'], folder));
  refuse(await run(options, apt, [...own, 'download', ...PACKAGES], folder));
}

async function run(
  { env }: ToolsOptions,
  program: string,
  args: string[],
  folder: string,
): Promise<CommandResult> {
  return await runCommand(program, args, { cwd: folder, env, timeout_ms: TIMEOUT_MS });
}

function refuse({ ok, output }: CommandResult): void {
  if (!ok) throw new Problem(`Fetching Redis from Debian failed: ${tail(output, 2)} ${HOW_TO}`);
}
