// Where `npm start` calls the demo: its inventory before the API starts, its organization and assessment after.
import type { StackConfig } from './config.js';
import { mintToken } from './access-issuer.js';
import { demoEmail } from './demo/seed.js';
import { runDemo } from './demo/run.js';
import type { Stack } from './stack.js';

export interface DemoOptions {
  config: StackConfig;
  stack: Stack;
  say: (line: string) => void;
  paint: (line: string) => void;
  signal: AbortSignal;
}

export async function fillInventory(_url: string): Promise<void> {
  await Promise.resolve();
}

export async function presentDemo({ config, stack, say, paint, signal }: DemoOptions): Promise<void> {
  const token = () => mintToken({ email: demoEmail('admin'), data_dir: config.DATA_DIR });
  await runDemo({ base_url: `${stack.api_url}/api/v1`, org_id: '', token, say, paint, signal });
}
