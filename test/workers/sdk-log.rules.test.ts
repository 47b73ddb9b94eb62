import pino from 'pino';
import { expect, test } from 'vitest';
import { sdkLogger } from '../../workers/sdk-log.js';

test('what the SDK says has the form of our log, its level, and the error whole', () => {
  const lines: unknown[] = [];
  const log = pino(
    { level: 'info', base: { process: 'worker' } },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  const logger = sdkLogger(log);
  logger.debug('polling', { taskQueue: 'grc-core' });
  logger.info('Worker state changed', { taskQueue: 'grc-core', state: 'RUNNING' });
  logger.warn('Activity failed', { attempt: 2, error: new Error('away') });
  logger.error('no more');
  expect(lines).toEqual([
    expect.objectContaining({
      level: 30,
      process: 'worker',
      msg: 'Worker state changed',
      taskQueue: 'grc-core',
      state: 'RUNNING',
    }),
    expect.objectContaining({
      level: 40,
      msg: 'Activity failed',
      attempt: 2,
      err: expect.objectContaining({ message: 'away' }),
    }),
    expect.objectContaining({ level: 50, msg: 'no more' }),
  ]);
});
