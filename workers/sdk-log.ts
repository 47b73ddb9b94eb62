// What Temporal's SDK and the workflows say, in our log: one form, one level.
import { DefaultLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

export function sdkLogger(log: Logger): DefaultLogger {
  return new DefaultLogger('TRACE', ({ level, message, meta }) => {
    const { error: err, ...rest } = meta ?? {};
    log[LEVELS[level]](err === undefined ? rest : { ...rest, err }, message);
  });
}
