import { freePort } from '../../local/ports.js';
import type { TestAccess } from './access.js';
import { startChild, type ChildProcess } from './child-process.js';
import { clientOf, type TestClient } from './http.js';

export interface ApiProcess extends ChildProcess, TestClient {
  url: string;
}

/** @param env at least DATABASE_APP_URL; limits are off unless set */
export async function startApiProcess(access: TestAccess, env: Record<string, string>): Promise<ApiProcess> {
  const port = await freePort();
  const child = startChild(
    'api/main.ts',
    {
      PORT: String(port),
      ACCESS_TEAM_DOMAIN: access.url,
      ACCESS_AUD: access.aud,
      PAYLOAD_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      RATE_LIMIT_PER_MINUTE: '0',
      ...env,
    },
    '"serving"',
  );
  await child.ready;
  const url = `http://127.0.0.1:${String(port)}`;
  return { ...child, url, ...clientOf(url, access) };
}
