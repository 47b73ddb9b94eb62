// What a person at the terminal is told instead of a stack trace.

/** An expected failure whose message is one clear line saying what is wrong and what to do. */
export class Problem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Problem';
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

/** The one line for a failure of the operating system; undefined when the failure is not one of those. */
export function systemProblem(error: unknown, where: string): string | undefined {
  switch (errorCode(error)) {
    case 'ENOSPC':
      return `No space left on the disk that holds ${where}. Free some, or set DATA_DIR to a directory on another disk.`;
    case 'EDQUOT':
      return `The disk quota for ${where} is used up. Free some space, or set DATA_DIR to another disk.`;
    case 'EROFS':
      return `${where} is on a read-only file system. Set DATA_DIR to a directory that can be written.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `${where} is not a directory, or lies below a file. Set DATA_DIR to a directory, or to none yet.`;
    case 'EACCES':
    case 'EPERM':
      return `No permission for ${where} (${messageOf(error)}). Was it made by another user? Give it to this one, or set DATA_DIR.`;
    default:
      return undefined;
  }
}

/** The same for what a child process wrote into its log before it ended. */
export function loggedProblem(log: string, where: string): string | undefined {
  if (/no space left on device|database or disk is full|ENOSPC/i.test(log)) {
    return `No space left on the disk that holds ${where}. Free some, or set DATA_DIR to a directory on another disk.`;
  }
  return undefined;
}
