// Makes a database cluster, or finds out that the one there is complete.
import { execFile, spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { loggedProblem, Problem } from '../problem.js';
import { tail, writePrivate, type Account } from '../process.js';
import type { PostgresPrograms } from './binaries.js';

const run = promisify(execFile);

/** Written last, so a directory without it is half made. */
const MARKER = 'grc-complete';

export interface ClusterPlace {
  /** What Postgres is told; differs from the path when its account cannot pass the parents. */
  argument: string;
  account: Account | undefined;
}

export interface ClusterOptions {
  programs: PostgresPrograms;
  data_dir: string;
  password: string;
  account: Account | undefined;
  warn: (line: string) => void;
}

export async function ensureCluster(options: ClusterOptions): Promise<ClusterPlace> {
  const { data_dir, account } = options;
  if (await isComplete(data_dir)) {
    await checkVersion(options);
    const owner = await ownerOf(data_dir, account);
    return { argument: await argumentFor(data_dir, owner), account: owner };
  }
  await setAside(data_dir, options.warn);
  const partial = `${data_dir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(dirname(data_dir), { recursive: true });
  await mkdir(partial, { mode: 0o700 });
  if (account !== undefined) await chown(partial, account.uid, account.gid);
  await initialize(options, partial);
  await writeFile(join(partial, MARKER), `${options.programs.version}\n`);
  await rename(partial, data_dir);
  return { argument: await argumentFor(data_dir, account), account };
}

async function isComplete(data_dir: string): Promise<boolean> {
  return (await stat(join(data_dir, MARKER)).catch(() => undefined)) !== undefined;
}

/** Never deletes what it does not know: a half-made cluster may be somebody's only copy. */
async function setAside(data_dir: string, warn: (line: string) => void): Promise<void> {
  const entries = await readdir(data_dir).catch(() => []);
  if (entries.length === 0) {
    await rm(data_dir, { recursive: true, force: true });
    return;
  }
  const aside = `${data_dir}.incomplete-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  await rename(data_dir, aside);
  warn(`${data_dir} was never finished; moved to ${aside} and made anew`);
}

async function checkVersion({ data_dir, programs }: ClusterOptions): Promise<void> {
  const made_by = (await readFile(join(data_dir, 'PG_VERSION'), 'utf8')).trim();
  if (made_by === programs.version.split('.')[0]) return;
  throw new Problem(
    `${data_dir} was made by Postgres ${made_by}, this is ${programs.version}. Dump it with the old one, or set DATA_DIR.`,
  );
}

/** Root may find a cluster of another account (a first run as a user, or before a user postgres existed). */
async function ownerOf(data_dir: string, account: Account | undefined): Promise<Account | undefined> {
  if (account === undefined) return undefined;
  const { uid, gid } = await stat(data_dir);
  if (uid !== 0) return { name: String(uid), uid, gid };
  await run('chown', ['-R', `${String(account.uid)}:${String(account.gid)}`, data_dir]);
  return account;
}

/**
 * The directory as the account can reach it. Below a parent that is closed to the account (a checkout under /root)
 * only the working directory works, because the parent process has already entered it.
 */
async function argumentFor(data_dir: string, account: Account | undefined): Promise<string> {
  if (account === undefined) return data_dir;
  const reachable = await run('test', ['-x', data_dir], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
  }).then(
    () => true,
    () => false,
  );
  if (reachable) return data_dir;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new Problem(`The user ${account.name} cannot reach ${data_dir}. Set DATA_DIR to a place it can.`);
}

async function initialize(options: ClusterOptions, partial: string): Promise<void> {
  const { account, programs } = options;
  const secret = `${partial}.password`;
  writePrivate(secret, `${options.password}\n`);
  if (account !== undefined) await chown(secret, account.uid, account.gid);
  const opened = await open(secret, 'r');
  try {
    const child = spawn(
      programs.initdb,
      [
        `--pgdata=${await argumentFor(partial, account)}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--no-instructions',
        // by descriptor: no world-readable file, and no path that the account could not pass
        '--pwfile=/dev/fd/3',
      ],
      {
        cwd: partial,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', 'pipe', 'pipe', opened.fd],
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      },
    );
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Problem('initdb has no output');
    const [said, complained, code] = await Promise.all([
      text(stdout),
      text(stderr),
      new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      }),
    ]);
    if (code !== 0) {
      throw new Problem(
        loggedProblem(complained, options.data_dir) ??
          `Postgres could not make its data directory: ${tail(complained || said)}`,
      );
    }
  } finally {
    await opened.close();
    await rm(secret, { force: true });
  }
}
