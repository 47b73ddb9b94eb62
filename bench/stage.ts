// What the rows are measured on: Postgres and Temporal of this run, the product's own processes, a model that takes
// as long as it is told.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { connect, type Database } from '../db/connection.js';
import { migrate } from '../db/migrate.js';
import { appUrl, reconcileUrl, reportUrl } from '../db/roles.js';
import { seedCatalogues } from '../db/seeds/frameworks.js';
import { freePort } from '../local/ports.js';
import { ensureDatabase } from '../local/postgres/databases.js';
import { startPostgres } from '../local/postgres/server.js';
import { startTemporal } from '../local/temporal/server.js';
import { defaultToolsDir } from '../local/tools/folder.js';
import { temporalCli } from '../local/tools/temporal-cli.js';
import { startTestAccess, type TestAccess } from '../test/support/access.js';
import { type ApiProcess, startApiProcess } from '../test/support/api-process.js';
import { startFakeLlm, type FakeLlm } from '../test/support/fakes/llm.js';
import { makeThrowaway } from '../test/support/throwaway.js';
import { startWorkerProcess, workerEnv, type WorkerProcess } from '../test/support/worker-process.js';

const EMAIL = 'bench@people.example';

export interface Stage {
  owner_url: string;
  app_url: string;
  /** As the application. */
  db: Database;
  /** As superuser: bulk data and anchors. */
  owner: pg.Pool;
  temporal_address: string;
  client: Client;
  access: TestAccess;
  llm: FakeLlm;
  /** One token for all calls, as a browser has it. */
  token: string;
  startApi(env?: Record<string, string>): Promise<Api>;
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  stop(): Promise<void>;
}

export interface Api extends ApiProcess {
  /** @throws for anything but a success */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  post(path: string, body?: unknown): Promise<{ id: string } & Record<string, unknown>>;
  get(path: string): Promise<Record<string, unknown>>;
}

export async function startStage(): Promise<Stage> {
  const throwaway = makeThrowaway();
  const tools = { tools_dir: defaultToolsDir(process.env), env: process.env, progress: () => undefined };
  const postgres = throwaway.keep(
    await startPostgres({
      dataDir: join(throwaway.dir, 'postgres'),
      port: await freePort(),
      password: randomUUID(),
      throwaway: true,
    }),
  );
  const temporal = throwaway.keep(
    await startTemporal({
      program: await temporalCli(tools),
      dbFile: join(throwaway.dir, 'temporal.db'),
      port: await freePort(),
      throwaway: true,
    }),
  );
  const owner_url = postgres.url('grc');
  await ensureDatabase(postgres.url('postgres'), 'grc');
  await migrate(owner_url);
  await seedCatalogues(owner_url);
  const owner = new pg.Pool({ connectionString: owner_url, max: 10 });
  owner.on('error', () => undefined); // at the end the server goes first
  const connection = await Connection.connect({ address: temporal.address });
  const [access, llm] = await Promise.all([startTestAccess(), startFakeLlm()]);
  const token = access.token(EMAIL);
  const app_url = appUrl(owner_url);
  const db = connect({ url: app_url, pool_max: 4, application_name: 'bench' });
  const worker_env = workerEnv(
    { app_url, reconcile_url: reconcileUrl(owner_url), report_url: reportUrl(owner_url) },
    temporal.address,
    llm,
  );
  const children: { kill(): Promise<void> }[] = [];
  return {
    owner_url,
    app_url,
    db,
    owner,
    temporal_address: temporal.address,
    client: new Client({ connection }),
    access,
    llm,
    token,
    async startApi(env = {}) {
      const base = { DATABASE_APP_URL: app_url, TEMPORAL_ADDRESS: temporal.address, NODE_ENV: 'development' };
      const api = await startApiProcess(access, { ...base, LOG_LEVEL: 'info', ...env });
      children.push(api);
      return withCalls(api, token);
    },
    async startWorker(env = {}) {
      const worker = startWorkerProcess({ ...worker_env, NODE_ENV: 'development', ...env });
      children.push(worker);
      await worker.ready;
      return worker;
    },
    async stop() {
      await Promise.all(children.map((child) => child.kill().catch(() => undefined)));
      void owner.end(); // it would wait for what a row that failed has not given back
      await Promise.all([llm.close(), access.stop(), db.destroy(), connection.close()]);
      await throwaway.remove();
    },
  };
}

function withCalls(api: ApiProcess, token: string): Api {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const { status, text } = await exchange(`${api.url}/api/v1${path}`, method, token, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${String(status)} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    ...api,
    call,
    post: async (path, body = {}) => record(await call('POST', path, body)),
    get: async (path) => record(await call('GET', path)),
  };
}

const agent = new Agent({ keepAlive: true });

/** By Node's own client: `fetch` costs as much as many a handler, and is not what is measured. */
async function exchange(
  url: string,
  method: string,
  token: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function record(answer: unknown): { id: string } & Record<string, unknown> {
  if (typeof answer !== 'object' || answer === null) throw new Error('an answer that is no object');
  return { id: '', ...answer };
}

/** An organization whose founder holds the stage's token. */
export async function foundOrg(api: Api): Promise<string> {
  const { id } = await api.post('/orgs', { name: 'Bench', domain: `${randomUUID()}.example` });
  return id;
}
