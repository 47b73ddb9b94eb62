import { readFileSync } from 'node:fs';
import type { Account } from '../process.js';
import { Problem } from '../problem.js';

/** Whom Postgres runs as. It refuses root, and initdb wants a name in the user table, so any number will not do. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    // macOS writes nobody as -2
    if (uid !== undefined && gid !== undefined)
      return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  throw new Problem(
    'Postgres does not run as root, and this system has no user postgres or nobody. Set DATABASE_URL.',
  );
}
