// A Redis of one's own, which a test can kill and start again; like production's it keeps nothing on disk.
import { join } from 'node:path';
import { freePort } from '../../local/ports.js';
import { launch, stopProcess, tail, waitUntil, type Launched } from '../../local/process.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { makeThrowaway } from './throwaway.js';
import { redisServer } from './tools/redis.js';

const IN_MEMORY = ['--save', '', '--appendonly', 'no'];

export interface TestRedis {
  url: string;
  start(): Promise<void>;
  /** kill -9: what was in memory is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<TestRedis> {
  const program = await redisServer({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const folder = makeThrowaway();
  const port = await freePort();
  let server: Launched | undefined;

  async function start(): Promise<void> {
    server = await launch({
      command: program,
      args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.dir, ...IN_MEMORY],
      env: {},
      cwd: folder.dir,
      log_file: join(folder.dir, 'redis.log'),
    });
    const launched = server;
    const { pid, exited } = launched;
    folder.keep({ pid, exited, stop: () => stopProcess(pid, [{ signal: 'SIGTERM', wait_ms: 5_000 }]) });
    const ready = await waitUntil(() => launched.log().includes('Ready to accept connections'), 20_000);
    if (!ready) throw new Error(`redis does not start: ${tail(launched.log())}`);
  }
  await start();
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    start,
    async kill() {
      if (server) await stopProcess(server.pid, [{ signal: 'SIGKILL', wait_ms: 5_000 }]);
    },
    stop: () => folder.remove(),
  };
}
