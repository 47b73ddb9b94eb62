// From the start of a process to its first answer, or its first poll; as built for production.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type Measure, type Row, ROUNDS, timed } from '../harness.js';
import type { Stage } from '../stage.js';
import { startChild } from '../../test/support/child-process.js';
import { freePort } from '../../local/ports.js';
import { workerEnv } from '../../test/support/worker-process.js';
import { reconcileUrl, reportUrl } from '../../db/roles.js';

const root = resolve(import.meta.dirname, '../..');

export function startRows(stage: Stage): Row[] {
  return [{ id: 17, title: 'Start of the processes', run: () => starts(stage) }];
}

async function starts(stage: Stage): Promise<Measure[]> {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const { access, app_url, owner_url, temporal_address, llm } = stage;
  const api_env = {
    DATABASE_APP_URL: app_url,
    TEMPORAL_ADDRESS: temporal_address,
    ACCESS_TEAM_DOMAIN: access.url,
    ACCESS_AUD: access.aud,
    PAYLOAD_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    NODE_ENV: 'development',
  };
  const worker_env = {
    ...workerEnv(
      { app_url, reconcile_url: reconcileUrl(owner_url), report_url: reportUrl(owner_url) },
      temporal_address,
      llm,
    ),
    NODE_ENV: 'development',
  };
  const ready = async (entry: string, env: Record<string, string>, word: string): Promise<number> => {
    const child = startChild(join('dist', entry), env, word);
    const took = await timed(() => child.ready);
    await child.kill();
    return took;
  };
  const api: number[] = [];
  const worker: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    api.push(await ready('api/main.js', { ...api_env, PORT: String(await freePort()) }, '"serving"'));
    worker.push(await ready('workers/main.js', worker_env, '"working"'));
  }
  const common = { unit: 'ms', holds: (ratio: number) => ratio <= 1 };
  return [
    { what: 'API ready', goal: '≤ 1.5 s', ...common, anchor: [1_500], product: api },
    { what: 'worker polling', goal: '≤ 2 s', ...common, anchor: [2_000], product: worker },
  ];
}
