// The API's way to Temporal, closed while it tries a server that is not there.
import { setTimeout as sleep } from 'node:timers/promises';
import { defineQuery } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import { linkTemporal } from '../../api/temporal.js';
import { connect } from '../../db/connection.js';
import { freePort } from '../../local/ports.js';
import { fixedDataConverter } from '../support/codec.js';

test('at whatever moment of a back-off it is closed, nothing is thrown unheard', async () => {
  const db = connect({ url: 'postgres://nobody@127.0.0.1:1/none', pool_max: 1, application_name: 'test' });
  const address = `127.0.0.1:${String(await freePort())}`;
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => void unheard.push(error);
  process.on('uncaughtExceptionMonitor', hear);
  const closing = Array.from({ length: 40 }, async (_, index) => {
    const options = { connection: { address }, namespace: 'default', data_converter: fixedDataConverter() };
    const link = linkTemporal(db, options);
    const answer = link.gate.ask('none', defineQuery<string>('state'), 2_000);
    await sleep(index * 10); // the moments are what is tried
    await link.close();
    return await answer;
  });
  expect(await Promise.all(closing)).toEqual(closing.map(() => undefined));
  expect(unheard).toEqual([]);
  process.off('uncaughtExceptionMonitor', hear);
  await db.destroy();
});
