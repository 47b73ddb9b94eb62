// Places at which a test lets the process die as if somebody had pulled the plug. Armed by a test's own process only.
export const FAILPOINTS = [
  'before_commit',
  'after_commit',
  'before_start',
  'after_start',
  'before_response',
] as const;
/** In a worker: a change is in the rows, and the task that decided it does not know yet. */
export const WORKER_FAILPOINTS = ['after_record'] as const;
export type Failpoint = (typeof FAILPOINTS | typeof WORKER_FAILPOINTS)[number];

let armed: string | undefined;

/** @throws Error for a place that there is not */
export function armFailpoint(name: string): void {
  if (![...FAILPOINTS, ...WORKER_FAILPOINTS].some((known) => known === name))
    throw new Error(`no failpoint is called ${name}`);
  armed = name;
}

export function failpoint(name: Failpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
