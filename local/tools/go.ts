// Programs built from Go modules.
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { tail } from '../process.js';
import { clock, runCommand } from './command.js';
import { findOnPath, isExecutable, type ToolsOptions } from './folder.js';

const BUILD_TIMEOUT_MS = 30 * 60_000;

export interface GoProgram {
  /** `module/path@version` */
  package: string;
  /** What `go install` calls it. */
  name: string;
  /** For people, e.g. `the Temporal server`. */
  title: string;
  takes: string;
  /** What to do where it cannot be built. */
  how_to: string;
}

/** Builds the program into the folder. */
export async function installByGo(options: ToolsOptions, folder: string, program: GoProgram): Promise<void> {
  const { title, how_to } = program;
  const go = (await findOnPath('go', options.env)) ?? (await usualGo());
  if (go === undefined) throw new Problem(`There is no Go to build ${title}. ${how_to}`);
  options.progress(`building ${title}, once, ${program.takes}`);
  const { ok, output } = await runCommand(go, ['install', '-v', program.package], {
    cwd: folder,
    env: { ...options.env, GOBIN: folder, GOFLAGS: '' },
    timeout_ms: BUILD_TIMEOUT_MS,
    tick: (seconds, lines) =>
      options.progress(`building ${title}, once ${clock(seconds)}, ${String(lines)} packages`),
  });
  if (ok && (await isExecutable(join(folder, program.name)))) return;
  const reason = /no space left on device/i.test(output)
    ? 'No space left on the disk that holds TOOLS_DIR and the Go build cache.'
    : `Building ${title} by Go failed: ${tail(output, 2)}`;
  throw new Problem(`${reason} ${how_to}`);
}

/** Go's installer puts it here without touching the PATH of shells that are not login shells. */
async function usualGo(): Promise<string | undefined> {
  return (await isExecutable('/usr/local/go/bin/go')) ? '/usr/local/go/bin/go' : undefined;
}
