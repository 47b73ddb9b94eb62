// The policy engine as a supervised child process, on a socket that only its own user can reach.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createOpa } from '../../db/policies/opa.js';
import { Problem } from '../problem.js';
import { launch, stopProcess, tail, waitUntil, type Born, type Running } from '../process.js';

export interface OpaOptions {
  /** Path of the `opa` program. */
  program: string;
  socket: string;
  log_file: string;
  born?: Born | undefined;
}

export interface OpaServer extends Running {
  /** For OPA_URL. */
  url: string;
}

const READY_TIMEOUT_MS = 60_000;
/** What a path of a socket may have at most on the systems that there are, less a little. */
const LONGEST_SOCKET = 100;
const GOMEMLIMIT = '256MiB';

export async function startOpa({ program, socket, log_file, born }: OpaOptions): Promise<OpaServer> {
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  rmSync(socket, { force: true }); // left by one that was killed
  const url = `unix:${socket}`;
  const launched = await launch({
    born,
    command: program,
    args: [
      'run',
      '--server',
      '--addr',
      `unix://${socket}`,
      '--unix-socket-perm',
      '700',
      '--skip-version-check',
      '--log-level',
      'error',
      '--shutdown-grace-period',
      '2',
    ],
    // without the operator's own settings for it, and with nothing to be read by a policy
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TMPDIR: process.env.TMPDIR,
      GOMEMLIMIT, // a policy that gathers much is slowed by its collector before it takes the machine
    },
    cwd: dirname(socket),
    log_file,
  });
  const stop = (): Promise<void> => stopProcess(launched.pid, [{ signal: 'SIGTERM', wait_ms: 5_000 }]);
  let ended = false;
  void launched.exited.then(() => (ended = true));
  const opa = createOpa({ url });
  try {
    const settled = await waitUntil(async () => ended || (await answers(opa)), READY_TIMEOUT_MS, 40);
    if (settled && !ended) return { pid: launched.pid, exited: launched.exited, url, stop };
    await stop();
    throw new Problem(
      `The policy engine ${ended ? 'ended at once' : 'did not answer in time'}: ${tail(launched.log())}`,
    );
  } finally {
    await opa.close();
  }
}

async function answers(opa: ReturnType<typeof createOpa>): Promise<boolean> {
  return opa.ping().then(
    () => true,
    () => false,
  );
}

/** Beside the pid files, or where that path is too long for a socket, in a folder of our own. */
export function opaSocket(data_dir: string): string {
  const usual = join(data_dir, 'run', 'opa.sock');
  if (Buffer.byteLength(usual) <= LONGEST_SOCKET) return usual;
  const folder = join(tmpdir(), `grc-${createHash('sha256').update(data_dir).digest('hex').slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Problem(`${folder} is open to others. Remove it, or set DATA_DIR to a shorter path.`);
  return join(folder, 'opa.sock');
}
