// A part that is another entry file of this project.
import { join } from 'node:path';
import { z } from 'zod';
import { nodeArguments, PROJECT_DIR } from '../node-process.js';
import { loggedProblem, Problem } from '../problem.js';
import { launch, stopProcess, tail, waitUntil, type Born, type Running } from '../process.js';

export interface NodePart {
  name: string;
  /** Path inside the project without extension. */
  entry: string;
  args?: readonly string[];
  env: NodeJS.ProcessEnv;
  data_dir: string;
  /** Asked until it is true. */
  ready: (state: { log: string; started_ms: number }) => boolean | Promise<boolean>;
  /** How long open work may take after SIGTERM. */
  stop_wait_ms: number;
  born: Born;
}

const READY_TIMEOUT_MS = 120_000;

export async function startNodePart(part: NodePart): Promise<Running> {
  const started_ms = Date.now();
  const launched = await launch({
    command: process.execPath,
    args: [...nodeArguments(part.entry), ...(part.args ?? [])],
    env: part.env,
    cwd: PROJECT_DIR,
    log_file: join(part.data_dir, 'logs', `${part.name}.log`),
    born: part.born,
  });
  const stop = (): Promise<void> =>
    stopProcess(launched.pid, [{ signal: 'SIGTERM', wait_ms: part.stop_wait_ms }]);
  let ended = false;
  void launched.exited.then(() => (ended = true));
  const settled = await waitUntil(
    async () => ended || (await part.ready({ log: launched.log(), started_ms })),
    READY_TIMEOUT_MS,
    50,
  );
  if (settled && !ended) return { pid: launched.pid, exited: launched.exited, stop };
  const said = reasonIn(launched.log());
  await stop();
  const known = loggedProblem(launched.log(), part.data_dir);
  throw new Problem(known ?? `${part.name} ${ended ? 'ended at once' : 'was not ready in time'}: ${said}`);
}

/** The message of what was thrown, not the stack below it. */
function reasonIn(log: string): string {
  const lines = log.split('\n').filter((line) => !/^\s+at |^Node\.js v|^\s*\^|^npm /.test(line));
  const logged = lines.flatMap((line) => logLine.safeParse(line).data ?? []).at(-1);
  return (
    logged ?? lines.find((line) => /^\w*(Error|Problem)( \[\w+\])?: /.test(line)) ?? tail(lines.join('\n'))
  );
}

/** A line of the processes' own log about something fatal. */
const logLine = z
  .string()
  .startsWith('{')
  .transform((line, context): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      context.addIssue({ code: 'custom', message: 'not a log line' });
      return z.NEVER;
    }
  })
  .pipe(z.object({ level: z.number().min(60), err: z.object({ message: z.string() }) }))
  .transform(({ err }) => err.message);
