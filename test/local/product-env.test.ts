// An operator's commands beside the stack are told what its own processes are told.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readStackConfig } from '../../local/config.js';
import { productEnv } from '../../local/product-env.js';
import { ensureSecrets } from '../../local/state.js';

const PORTS = {
  POSTGRES_PORT: 1,
  STORAGE_PORT: 2,
  ACCESS_PORT: 3,
  METRICS_PORT: 4,
  TEMPORAL_UI_BACKEND_PORT: 5,
};
const LISTENS = ['HOST', 'PORT', 'METRICS_PORT'];

test('what a shell reads from product.env is what the API is told, but for where it listens', async () => {
  const data_dir = mkdtempSync(join(tmpdir(), "grc it's $HOME "));
  onTestFinished(() => rmSync(data_dir, { recursive: true }));
  const env = { DATA_DIR: data_dir, S3_BUCKET: "a'b" };
  const config = readStackConfig(env);
  const secrets = await ensureSecrets(data_dir);
  const told = await productEnv(
    { config, env: {}, ports: PORTS, secrets, web_ui_key: '', warn: () => undefined },
    {
      database_url: 'postgres://postgres:secret@127.0.0.1:1/grc',
      temporal_address: '127.0.0.1:7233',
      temporal_ui_url: 'http://localhost:8233',
      steampipe_url: undefined,
    },
  );
  const file = join(data_dir, 'product.env');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const printed = execFileSync('sh', ['-c', 'set -a; . "$0"; env -0', file], { env: {}, encoding: 'utf8' });
  const shell = Object.fromEntries(
    printed.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const expected = Object.entries(told).filter(([name]) => !LISTENS.includes(name));
  expect(expected.length).toBeGreaterThan(15);
  expect(shell).toMatchObject(Object.fromEntries(expected));
  for (const name of LISTENS) expect(shell).not.toHaveProperty(name);
});
