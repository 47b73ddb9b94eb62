// A network that a test can break: a Toxiproxy server of its own, one proxy per link.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/ports.js';
import { launch, stopProcess, tail, waitUntil } from '../../local/process.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { makeThrowaway } from './throwaway.js';
import { toxiproxyServer } from './tools/toxiproxy.js';

/** What can be wrong with a link, in Toxiproxy's words. */
export type Toxic =
  /** Nothing gets through and nobody is told. */
  | { type: 'timeout'; attributes: { timeout: 0 } }
  | { type: 'latency'; attributes: { latency: number } }
  /** Cuts each connection, that many milliseconds after it carries something. */
  | { type: 'reset_peer'; attributes: { timeout: number } };

export const BLACK_HOLE: Toxic = { type: 'timeout', attributes: { timeout: 0 } };
export const RESET: Toxic = { type: 'reset_peer', attributes: { timeout: 0 } };
export function latency(ms: number): Toxic {
  return { type: 'latency', attributes: { latency: ms } };
}

export interface Link {
  /** Where clients connect instead. */
  port: number;
  /** In both directions unless told otherwise; toxics add up. */
  poison(toxic: Toxic, streams?: readonly ('upstream' | 'downstream')[]): Promise<void>;
  /** As good as new; connections that a black hole swallowed are closed. */
  heal(): Promise<void>;
}

export interface Network {
  link(name: string, upstream_port: number): Promise<Link>;
  stop(): Promise<void>;
}

const BOTH = ['upstream', 'downstream'] as const;

export async function startNetwork(): Promise<Network> {
  const program = await toxiproxyServer({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const folder = makeThrowaway();
  const port = await freePort();
  const links = join(folder.dir, 'links.json');
  writeFileSync(links, '[]');
  const server = await launch({
    command: program,
    args: ['-host', '127.0.0.1', '-port', String(port), '-config', links],
    env: { LOG_LEVEL: 'error' },
    cwd: folder.dir,
    log_file: join(folder.dir, 'toxiproxy.log'),
  });
  folder.keep({ ...server, stop: () => stopProcess(server.pid, [{ signal: 'SIGTERM', wait_ms: 2_000 }]) });

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
      method,
      // it refuses what looks like a browser
      headers: { 'user-agent': 'tests' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy answers ${method} ${path} with ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const answers = (): Promise<boolean> =>
    call('GET', '/proxies').then(
      () => true,
      () => false,
    );
  if (!(await waitUntil(answers, 15_000))) {
    await folder.remove();
    throw new Error(`toxiproxy does not answer: ${tail(server.log())}`);
  }

  return {
    async link(name, upstream_port) {
      const listening = await freePort();
      await call('POST', '/proxies', {
        name,
        listen: `127.0.0.1:${String(listening)}`,
        upstream: `127.0.0.1:${String(upstream_port)}`,
        enabled: true,
      });
      const added: string[] = [];
      return {
        port: listening,
        async poison(toxic, streams = BOTH) {
          for (const stream of streams) {
            const toxic_name = `${toxic.type}_${stream}`;
            await call('POST', `/proxies/${name}/toxics`, {
              ...toxic,
              name: toxic_name,
              stream,
              toxicity: 1,
            });
            added.push(toxic_name);
          }
        },
        async heal() {
          for (const toxic_name of added.splice(0)) {
            await call('DELETE', `/proxies/${name}/toxics/${toxic_name}`);
          }
        },
      };
    },
    stop: () => folder.remove(),
  };
}
