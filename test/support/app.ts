// The real API over real HTTP, on a database of its own and an issuer under the test's control.
import pino from 'pino';
import { inject } from 'vitest';
import { createApp } from '../../api/app.js';
import { readApiConfig } from '../../api/config.js';
import { wire, type Wiring } from '../../api/deps.js';
import type { Edge } from '../../api/http/edge.js';
import { createApiServer } from '../../api/http/server.js';
import { listenOn } from '../../local/http-server.js';
import { startTestAccess, type TestAccess } from './access.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { clientOf, type TestClient } from './http.js';
import { TEST_SIGNING_KEYS } from './signing.js';

export type { Answer, Caller } from './http.js';

export interface TestApi extends TestClient {
  url: string;
  access: TestAccess;
  database: TestDatabase;
  stop(): Promise<void>;
}

/** Parts that stand in for the real ones: a verifier with a clock of its own, a way to Temporal without a server. */
export type Replace = (wired: Wiring) => { edge?: Partial<Edge>; routes?: Partial<Wiring['routes']> };

/**
 * A busy machine answers late, and that is all: nothing is turned away as overload.
 * @param env changes to the environment that the API would read, e.g. its rate limit (off unless set)
 * @param beside another API whose database and issuer this one shares; that one is stopped last
 */
export async function startTestApi(
  env: Record<string, string> = {},
  beside?: Pick<TestApi, 'database' | 'access'>,
  replace: Replace = () => ({}),
): Promise<TestApi> {
  const database = beside?.database ?? (await createTestDatabase());
  const access = beside?.access ?? (await startTestAccess());
  const config = readApiConfig({
    DATABASE_APP_URL: database.app_url,
    ACCESS_TEAM_DOMAIN: access.url,
    ACCESS_AUD: access.aud,
    PAYLOAD_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    SIGNING_KEYS: TEST_SIGNING_KEYS,
    OPA_URL: inject('opa_url'),
    TEMPORAL_ADDRESS: '127.0.0.1:1', // nothing listens: what needs Temporal must say so
    RATE_LIMIT_PER_MINUTE: '0',
    NODE_ENV: 'test',
    ...env,
  });
  const log = pino({ level: 'silent' });
  const wiring = wire(config, {
    log,
    version: 'test',
    parse_responses: true,
    answer_within_ms: 30_000,
    process_metrics: false,
  });
  await wiring.keys.start();
  const { edge, routes } = replace(wiring);
  const app = createApp(
    { ...wiring.edge, isOverloaded: () => false, ...edge },
    { ...wiring.routes, ...routes },
  );
  const callback = app.callback();
  const listening = await listenOn(
    createApiServer((req, res) => void callback(req, res), wiring.edge),
    { port: 0 },
  );

  return {
    url: listening.url,
    access,
    database,
    ...clientOf(listening.url, access),
    async stop() {
      wiring.stop();
      await listening.stop();
      await wiring.close();
      if (beside) return;
      await access.stop();
      await database.drop();
    },
  };
}
