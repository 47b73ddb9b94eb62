// The run's shared dev server, and the time-skipping one for timers.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { freePort } from '../../local/ports.js';
import { startTemporal } from '../../local/temporal/server.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { temporalCli } from '../../local/tools/temporal-cli.js';
import { temporalTestServer } from '../../local/tools/test-server.js';

export interface TestTemporal {
  address: string;
  namespace: string;
  connection: Connection;
  native: NativeConnection;
  /** Without a data converter; build a Client on `connection` where the codec matters. */
  client: Client;
  close(): Promise<void>;
}

/** The run's shared server. */
export async function connectTemporal(): Promise<TestTemporal> {
  return await connectTo(inject('temporal_address'));
}

export interface OwnTemporal extends TestTemporal {
  /** Of all that the server keeps and writes. */
  folder: string;
}

/** A server of one's own, for tests whose workers must poll the product's own queues. */
export async function startOwnTemporal(): Promise<OwnTemporal> {
  const folder = mkdtempSync(join(tmpdir(), 'grc-temporal-'));
  const program = await temporalCli({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const dbFile = join(folder, 'temporal.db');
  const server = await startTemporal({ program, dbFile, port: await freePort(), throwaway: true });
  const connected = await connectTo(server.address);
  return {
    ...connected,
    folder,
    close: async () => {
      await connected.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function connectTo(address: string): Promise<TestTemporal> {
  const [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  return {
    address,
    namespace: 'default',
    connection,
    native,
    client: new Client({ connection, namespace: 'default' }),
    close: async () => {
      await connection.close();
      await native.close();
    },
  };
}

/** Tests share one server, so each polls a queue that only it knows. */
export function taskQueueFor(title: string): string {
  const digest = createHash('sha256')
    .update(`${String(process.pid)} ${title}`)
    .digest('hex')
    .slice(0, 8);
  return `test-${title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)}-${digest}`;
}

/** A server on which days pass at once; it lacks newer features, so use it for timers only. */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const path = await temporalTestServer({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(
      Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => [
        name,
        type === 'DATETIME' ? DATETIME : KEYWORD,
      ]),
    ),
  });
  return environment;
}

// as the protocol numbers them
const KEYWORD = 2;
const DATETIME = 6;
