import { spawn, type ChildProcess } from 'node:child_process';

export interface CommandOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  timeout_ms: number;
  /** Called every second with the seconds passed and the lines printed so far. */
  tick?: (seconds: number, lines: number) => void;
}

export interface CommandResult {
  ok: boolean;
  output: string;
}

const running = new Set<ChildProcess>();

/** Gives up whatever is being built or downloaded. */
export function endCommands(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs a command to its end. It stays in our process group, so Ctrl-C at the terminal ends it as well. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const began = Date.now();
  let output = '';
  let lines = 0;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout_ms,
    killSignal: 'SIGKILL',
  });
  running.add(child);
  const listen = (chunk: Buffer): void => {
    const text = chunk.toString('utf8');
    lines += text.split('\n').length - 1;
    output = (output + text).slice(-20_000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const ticker = setInterval(
    () => options.tick?.(Math.round((Date.now() - began) / 1000), lines),
    options.tick === undefined ? 60_000 : 1_000,
  );
  try {
    const ok = await new Promise<boolean>((resolve) => {
      child.once('error', (error) => {
        output += error.message;
        resolve(false);
      });
      child.once('close', (code) => resolve(code === 0));
    });
    return { ok, output };
  } finally {
    clearInterval(ticker);
    running.delete(child);
  }
}

/** 75 -> `1:15` */
export function clock(seconds: number): string {
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}
