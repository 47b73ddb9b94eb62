// The official download of Temporal's servers, done by the SDK itself in a process that can be given up.
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeArguments } from '../node-process.js';
import { clock, runCommand } from './command.js';
import type { ToolsOptions } from './folder.js';

const PROBE_TIMEOUT_MS = 3_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;

/** @returns whether `folder/name` is there now; offline is normal and costs at most the probe */
export async function downloadBySdk(
  options: ToolsOptions,
  kind: 'dev-server' | 'test-server',
  folder: string,
  name: string,
): Promise<boolean> {
  if (!(await isReachable())) return false;
  const into = join(folder, 'download');
  await mkdir(into);
  const { ok } = await runCommand(
    process.execPath,
    [...nodeArguments('local/tools/download-main'), kind, into],
    {
      cwd: folder,
      env: options.env,
      timeout_ms: DOWNLOAD_TIMEOUT_MS,
      tick: (seconds) => options.progress(`downloading Temporal's ${kind} ${clock(seconds)}`),
    },
  );
  const [program] = ok ? await readdir(into) : [];
  if (program === undefined) return false;
  await copyFile(join(into, program), join(folder, name));
  await chmod(join(folder, name), 0o755);
  return true;
}

async function isReachable(): Promise<boolean> {
  return fetch('https://temporal.download/', {
    method: 'HEAD',
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  }).then(
    () => true,
    () => false,
  );
}
