// The cache of programs that were built or downloaded, shared by all checkouts of a user.
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withLock } from '../lock.js';

export interface ToolsOptions {
  tools_dir: string;
  env: NodeJS.ProcessEnv;
  /** Told about every second while something takes long. */
  progress: (line: string) => void;
}

export function defaultToolsDir(env: NodeJS.ProcessEnv): string {
  if (env.TOOLS_DIR !== undefined && env.TOOLS_DIR !== '') return env.TOOLS_DIR;
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sovereign-grc', 'tools');
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

/**
 * The cached program, or the one that `make` puts into an empty folder under that name. It is moved into the cache
 * only when complete, and one process at a time makes it.
 */
export async function cachedProgram(
  options: ToolsOptions,
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const path = join(options.tools_dir, name);
  if (await isExecutable(path)) return path;
  await mkdir(options.tools_dir, { recursive: true });
  const waiting = ({ pid }: { pid: number }): void =>
    options.progress(`waiting for process ${String(pid)}, which is making ${name}`);
  return withLock(
    join(options.tools_dir, `.${name}.lock`),
    async () => {
      if (await isExecutable(path)) return path;
      await removePartials(options.tools_dir, name);
      const folder = await mkdtemp(join(options.tools_dir, `.${name}.partial-`));
      try {
        await make(folder);
        await rename(join(folder, name), path);
        return path;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    waiting,
  );
}

/** What killed builds left behind. Called under the lock, so no living build is hit. */
async function removePartials(tools_dir: string, name: string): Promise<void> {
  for (const entry of await readdir(tools_dir)) {
    if (entry.startsWith(`.${name}.partial-`))
      await rm(join(tools_dir, entry), { recursive: true, force: true });
  }
}
