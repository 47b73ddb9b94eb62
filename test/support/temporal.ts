// The run's shared dev server, and the time-skipping one for timers.
import { createHash } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';
import { defaultToolsDir } from '../../local/tools/folder.js';
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

export async function connectTemporal(): Promise<TestTemporal> {
  const address = inject('temporal_address');
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
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
}
