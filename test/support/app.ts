// The real API over real HTTP, on a database of its own and an issuer under the test's control.
import pino from 'pino';
import { createApp } from '../../api/app.js';
import { readApiConfig } from '../../api/config.js';
import { wire } from '../../api/deps.js';
import { createApiServer } from '../../api/http/server.js';
import { listenOn } from '../../local/http-server.js';
import { startTestAccess, type TestAccess } from './access.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or undefined when the answer is something else. */
  body: any; // oxlint-disable-line typescript/no-explicit-any -- tests read answers as a client without types does
}

export interface TestApi {
  url: string;
  access: TestAccess;
  database: TestDatabase;
  /** A call as the person, who needs no preparation: the first call signs them in. */
  as(email: string): Caller;
  raw(path: string, init?: RequestInit): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Caller {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

/**
 * @param env changes to the environment that the API would read, e.g. its rate limit (off unless set)
 * @param beside another API whose database and issuer this one shares; that one is stopped last
 */
export async function startTestApi(
  env: Record<string, string> = {},
  beside?: Pick<TestApi, 'database' | 'access'>,
): Promise<TestApi> {
  const database = beside?.database ?? (await createTestDatabase());
  const access = beside?.access ?? (await startTestAccess());
  const config = readApiConfig({
    DATABASE_APP_URL: database.app_url,
    ACCESS_TEAM_DOMAIN: access.url,
    ACCESS_AUD: access.aud,
    PAYLOAD_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    TEMPORAL_ADDRESS: '127.0.0.1:1', // nothing listens: what needs Temporal must say so
    RATE_LIMIT_PER_MINUTE: '0',
    NODE_ENV: 'test',
    ...env,
  });
  const log = pino({ level: 'silent' });
  const wiring = wire(config, { log, version: 'test', parse_responses: true, process_metrics: false });
  await wiring.keys.start();
  const callback = createApp(wiring.edge, wiring.routes).callback();
  const listening = await listenOn(
    createApiServer((req, res) => void callback(req, res)),
    { port: 0 },
  );

  const raw = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${listening.url}${path}`, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined };
  };
  const send = (email: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    raw(`/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${access.token(email)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  return {
    url: listening.url,
    access,
    database,
    raw,
    as: (email) => ({
      get: (path) => send(email, 'GET', path),
      post: (path, body = {}) => send(email, 'POST', path, body),
      put: (path, body = {}) => send(email, 'PUT', path, body),
      patch: (path, body = {}) => send(email, 'PATCH', path, body),
      delete: (path) => send(email, 'DELETE', path),
    }),
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
