import { DomainError } from '../../domain/errors.js';
import { route, type Route } from '../http/route.js';
import type { RouteFacts } from '../http/spec.js';
import type { HealthMonitor } from './monitor.js';
import { health, liveness, readiness } from './schema.js';

export interface HealthDeps {
  health: HealthMonitor;
  stopping: AbortSignal;
}

const HEALTH = {
  method: 'get',
  summary: 'State of the API and of the services it needs',
  description: '503 when the database is gone; `degraded` with 200 when any other configured service is.',
  response: health,
  alternatives: { 503: { description: 'Unhealthy', schema: health } },
  probe: 'counted',
} as const satisfies Partial<RouteFacts>;

export function healthRoutes(deps: HealthDeps): Route[] {
  const { stopping } = deps;
  const answerHealth = async (answerStatus: (status: number) => void) => {
    const report = await deps.health.check();
    if (report.status === 'unhealthy') answerStatus(503);
    return report;
  };
  return [
    route({
      ...HEALTH,
      permission: 'public',
      name: 'health.root',
      path: '/health',
      root: true,
      handler: (call) => answerHealth((status) => call.answerStatus(status)),
    }),
    route({
      ...HEALTH,
      permission: 'public',
      name: 'health.get',
      path: '/health',
      handler: (call) => answerHealth((status) => call.answerStatus(status)),
    }),
    route({
      name: 'health.live',
      method: 'get',
      path: '/livez',
      root: true,
      permission: 'public',
      summary: 'Answers while the process does',
      response: liveness,
      probe: 'never-refused',
      handler: () => ({ status: 'alive' as const }),
    }),
    route({
      name: 'health.ready',
      method: 'get',
      path: '/readyz',
      root: true,
      permission: 'public',
      summary: 'Answers while new requests are welcome',
      response: readiness,
      probe: 'never-refused',
      async handler() {
        if (stopping.aborted) throw new DomainError('SERVICE_UNAVAILABLE', 'stopping');
        if ((await deps.health.status('database')) !== 'healthy') {
          throw new DomainError('SERVICE_UNAVAILABLE', 'the database does not answer');
        }
        return { status: 'ready' as const };
      },
    }),
  ];
}
