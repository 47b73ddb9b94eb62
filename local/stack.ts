// Brings the embedded stack up, part by part, each with a line and its address.
import { migrate } from '../db/migrate.js';
import { seedCatalogues } from '../db/seeds/frameworks.js';
import { PLAYBOOK_KEY } from '../db/seeds/playbooks/index.js';
import type { StackConfig } from './config.js';
import { demoEmail } from './demo/seed.js';
import { DEMO_INVENTORY, fillInventory, type FilledInventory } from './demo/inventory/fill.js';
import {
  apiPart,
  DATABASE,
  opaPart,
  postgresPart,
  servicePart,
  temporalPart,
  workerPart,
  type PartsContext,
} from './parts.js';
import { messageOf } from './problem.js';
import { productEnv, type Addresses } from './product-env.js';
import { ensureDatabase } from './postgres/databases.js';
import type { Postgres } from './postgres/server.js';
import type { Supervisor } from './supervisor/supervisor.js';
import type { Terminal } from './terminal.js';
import { defaultToolsDir, type ToolsOptions } from './tools/folder.js';
import { opaProgram } from './tools/opa.js';
import { SIGN_IN_PATH } from './temporal/web-ui.js';
import { temporalCli } from './tools/temporal-cli.js';

export interface StackOptions {
  context: PartsContext;
  supervisor: Supervisor;
  terminal: Terminal;
  /** Aborted when the stack is to be taken down again. */
  signal: AbortSignal;
}

export interface Stack extends Addresses {
  api_url: string;
  env: NodeJS.ProcessEnv;
  /** Opens the Web UI as the demo's admin; undefined where that is not ours to give. */
  sign_in_url: string | undefined;
  /** The demo's cloud inventory; undefined when there is none, or another one was given. */
  inventory: { schema: string; role: string } | undefined;
}

const INVENTORY = 'inventory';

export async function bringUp(options: StackOptions): Promise<Stack> {
  const { context, supervisor, signal } = options;
  const { config } = context;
  const step = stepper(options);
  let postgres: Postgres | undefined;
  bringUpOpa(options);

  await together([
    config.DATABASE_URL === undefined
      ? step('Postgres', async () => {
          await supervisor.start(postgresPart(context, (started) => (postgres = started)));
          return `postgres://127.0.0.1:${String(context.ports.POSTGRES_PORT)}/${DATABASE}`;
        })
      : given(options, 'Postgres', config.DATABASE_URL),
    config.TEMPORAL_ADDRESS === undefined
      ? step('Temporal', () => startEmbeddedTemporal(options))
      : given(options, 'Temporal', config.TEMPORAL_ADDRESS),
    config.ACCESS_TEAM_DOMAIN === undefined
      ? step('Access issuer', async () => {
          await supervisor.start(servicePart(context, 'access'));
          return `http://127.0.0.1:${String(context.ports.ACCESS_PORT)}`;
        })
      : given(options, 'Access', config.ACCESS_TEAM_DOMAIN),
    config.S3_ENDPOINT === undefined
      ? step('Object storage', async () => {
          await supervisor.start(servicePart(context, 'storage'));
          return `http://127.0.0.1:${String(context.ports.STORAGE_PORT)}`;
        })
      : given(options, 'Object storage', config.S3_ENDPOINT),
  ]);
  signal.throwIfAborted();

  const addresses = addressesOf(config, postgres);
  await step('Migrations', async () => {
    const applied = await migrate(addresses.database_url);
    return applied.length === 0 ? 'up to date' : `${String(applied.length)} applied`;
  });
  await step('Catalogues', async () => {
    const catalogues = await seedCatalogues(addresses.database_url);
    const keys = catalogues.map(({ key }) => key);
    const frameworks = keys.filter((key) => !key.startsWith(PLAYBOOK_KEY));
    return `${frameworks.join(', ')}, ${String(keys.length - frameworks.length)} playbooks`;
  });
  const inventory = await startInventory(options, postgres);
  if (inventory !== undefined) addresses.steampipe_url = inventory.reader_url;

  const env = await productEnv(context, addresses);
  const api_url = `http://localhost:${String(config.PORT)}`;
  await together([
    step('API', async () => {
      await supervisor.start(apiPart(context, env));
      return api_url;
    }),
    step('Workers', async () => {
      await supervisor.start(workerPart(context, env));
      return `on ${addresses.temporal_address}`;
    }),
  ]);
  signal.throwIfAborted();
  return {
    ...addresses,
    api_url,
    env,
    sign_in_url: signInUrl(context),
    inventory: inventory && DEMO_INVENTORY,
  };
}

/** In the embedded Postgres only: a server that the operator brings gets no database that it did not ask for. */
async function startInventory(
  options: StackOptions,
  postgres: Postgres | undefined,
): Promise<FilledInventory | undefined> {
  const { DEMO, STEAMPIPE_DATABASE_URL } = options.context.config;
  if (STEAMPIPE_DATABASE_URL !== undefined) await given(options, 'Steampipe', STEAMPIPE_DATABASE_URL);
  if (!DEMO || STEAMPIPE_DATABASE_URL !== undefined || postgres === undefined) return undefined;
  let filled: FilledInventory | undefined;
  await stepper(options)('Demo cloud inventory', async () => {
    await ensureDatabase(postgres.url('postgres'), INVENTORY);
    filled = await fillInventory(postgres.url(INVENTORY));
    const { host, pathname } = new URL(filled.reader_url);
    return `postgres://${host}${pathname}  ${String(filled.rows)} rows in ${String(filled.tables)} tables`;
  });
  return filled;
}

function addressesOf(config: StackConfig, postgres: Postgres | undefined): Addresses {
  return {
    database_url: config.DATABASE_URL ?? postgres?.url(DATABASE) ?? '',
    temporal_address: config.TEMPORAL_ADDRESS ?? `127.0.0.1:${String(config.TEMPORAL_PORT)}`,
    temporal_ui_url: config.TEMPORAL_UI_URL ?? `http://localhost:${String(config.TEMPORAL_UI_PORT)}`,
    steampipe_url: config.STEAMPIPE_DATABASE_URL,
  };
}

/**
 * Beside the rest, because building it takes minutes and nothing waits for it: until it answers, automated steps are
 * denied and /health says that it is away.
 */
function bringUpOpa(options: StackOptions): void {
  const { context, supervisor, terminal, signal } = options;
  const { config } = context;
  if (config.OPA_URL !== undefined) {
    void given(options, 'Policy engine', config.OPA_URL);
    return;
  }
  const starting = stepper(options)('Policy engine', async () => {
    await supervisor.start(opaPart(context, () => opaProgram(toolsOf(options))));
    return 'a socket of this user alone';
  });
  starting.catch((error: unknown) => {
    if (!signal.aborted) terminal.warn(`no policy engine, so no automated steps: ${messageOf(error)}`);
  });
}

function toolsOf({ context, terminal }: StackOptions): ToolsOptions {
  const { env } = context;
  return {
    tools_dir: defaultToolsDir(env),
    env,
    progress: (line: string) => terminal.paint(`◌ ${line}`),
  };
}

async function startEmbeddedTemporal(options: StackOptions): Promise<string> {
  const { context, supervisor } = options;
  const { config } = context;
  await Promise.all([
    supervisor.start(temporalPart(context, () => temporalCli(toolsOf(options)))),
    supervisor.start(servicePart(context, 'web-ui')),
  ]);
  return `127.0.0.1:${String(config.TEMPORAL_PORT)}  UI http://localhost:${String(config.TEMPORAL_UI_PORT)}`;
}

function signInUrl({ config, web_ui_key }: PartsContext): string | undefined {
  if (config.TEMPORAL_ADDRESS !== undefined || config.ACCESS_TEAM_DOMAIN !== undefined) return undefined;
  const query = new URLSearchParams({ email: demoEmail('admin'), key: web_ui_key });
  return `http://localhost:${String(config.TEMPORAL_UI_PORT)}${SIGN_IN_PATH}?${query.toString()}`;
}

function stepper({ terminal, signal }: StackOptions) {
  return async (label: string, work: () => Promise<string>): Promise<void> => {
    signal.throwIfAborted();
    const began = Date.now();
    terminal.paint(`◌ ${label} …`);
    terminal.done(label, await work(), Date.now() - began);
  };
}

/** A part that the operator brings; the address without what is secret in it. */
function given({ terminal }: StackOptions, label: string, address: string): Promise<void> {
  terminal.done(label, `${address.replace(/\/\/[^@/]*@/, '//')} (yours)`, 0);
  return Promise.resolve();
}

/** Waits for all of them, so that nothing is still starting when the stack is taken down; then the first failure. */
async function together(work: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
