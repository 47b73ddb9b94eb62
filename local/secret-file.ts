import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrorCode } from './system-errors.js';

/** The text of a file that only its owner may read, or undefined when there is none. */
export async function findSecret(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
}

/**
 * Written beside, flushed, then moved or linked into place: a reader or a kill never meets half a file.
 * With `if-absent` the file of whoever came first stays, without an error.
 */
export async function saveSecret(file: string, text: string, mode: 'replace' | 'if-absent'): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (mode === 'replace') await rename(temporary, file);
    else {
      await link(temporary, file).catch((error: unknown) => {
        if (!isErrorCode(error, 'EEXIST')) throw error;
      });
    }
  } finally {
    await rm(temporary, { force: true });
  }
}
