// A real browser without a screen: Chromium as an npm package carries it, unpacked once.
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { Problem } from '../../../local/problem.js';
import { tail } from '../../../local/process.js';
import { runCommand } from '../../../local/tools/command.js';
import {
  cachedProgram,
  defaultToolsDir,
  findOnPath,
  type ToolsOptions,
} from '../../../local/tools/folder.js';

const NAME = 'chromium-143.0.4';
/** As root in a container there is neither a sandbox nor a graphics card nor much shared memory. */
const ARGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage'];
/** What a machine without a desktop lacks: libraries, a software renderer, fonts. */
const ARCHIVES = ['al2023.tar.br', 'swiftshader.tar.br', 'fonts.tar.br'];

export async function startBrowser(): Promise<Browser> {
  const options = { tools_dir: defaultToolsDir(process.env), env: process.env, progress: () => undefined };
  return await chromium.launch({ executablePath: await browserProgram(options), args: ARGS });
}

async function browserProgram(options: ToolsOptions): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    for (const name of ['chromium', 'google-chrome', 'chrome']) {
      const installed = await findOnPath(name, options.env);
      if (installed !== undefined) return installed;
    }
    throw new Problem('The package has a Chromium for Linux on x64 only; put a chromium on the PATH.');
  }
  return cachedProgram(options, NAME, async (folder) => {
    const packed = join(createRequire(import.meta.url).resolve('@sparticuz/chromium'), '../../../bin');
    const made = join(folder, 'files');
    await mkdir(made);
    for (const archive of ARCHIVES) await extract(options, join(packed, archive), made);
    await unpack(join(packed, 'chromium.br'), join(made, 'chromium'));
    await chmod(join(made, 'chromium'), 0o755);
    // The files go first: the script is what counts as done.
    const kept = join(options.tools_dir, `${NAME}-files`);
    await rm(kept, { recursive: true, force: true });
    await rename(made, kept);
    const script = [
      '#!/bin/sh',
      `[ -d /etc/fonts ] || export FONTCONFIG_PATH='${kept}/fonts'`,
      `LD_LIBRARY_PATH='${kept}/lib' exec '${kept}/chromium' "$@"`,
    ];
    await writeFile(join(folder, NAME), `${script.join('\n')}\n`);
    await chmod(join(folder, NAME), 0o755);
  });
}

async function extract(options: ToolsOptions, packed: string, folder: string): Promise<void> {
  const archive = join(folder, 'archive.tar');
  await unpack(packed, archive);
  const { ok, output } = await runCommand('tar', ['-xf', archive], {
    cwd: folder,
    env: options.env,
    timeout_ms: 60_000,
  });
  await rm(archive);
  if (!ok) throw new Problem(`Unpacking the browser failed: ${tail(output, 2)}`);
}

async function unpack(packed: string, file: string): Promise<void> {
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(file));
}
