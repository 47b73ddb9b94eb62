// Asks every service at once, briefly, and not more often than somebody could read the answers.
import { SERVICES, type Health, type Service, type ServiceStatus } from './schema.js';

/** Resolves when the service answers; rejects, or hangs, when it does not. */
export type Probe = () => Promise<unknown>;

/** A service without a probe is not configured. */
export type Probes = Readonly<Partial<Record<Service, { probe: Probe; cache_ms?: number }>>>;

export interface HealthMonitor {
  check(): Promise<Health>;
  /** One service, by the same rules. */
  status(service: Service): Promise<ServiceStatus>;
}

const PROBE_LIMIT_MS = 500;
const CACHE_MS = 1_000;

export function createHealthMonitor(options: {
  version: string;
  probes: Probes;
  now?: () => number;
}): HealthMonitor {
  const { version, now = Date.now } = options;
  const watchers = new Map(SERVICES.map((service) => [service, watch(options.probes[service], now)]));

  async function status(service: Service): Promise<ServiceStatus> {
    return (await watchers.get(service)?.()) ?? 'not_configured';
  }

  return {
    status,
    async check() {
      const [database, redis, opa, steampipe, temporal, storage, llm] = await Promise.all([
        status('database'),
        status('redis'),
        status('opa'),
        status('steampipe'),
        status('temporal'),
        status('storage'),
        status('llm'),
      ]);
      const services = { database, redis, opa, steampipe, temporal, storage, llm };
      return { status: overall(services), version, services };
    },
  };
}

/** Without the database nothing can be answered; without any other part, some things can. */
function overall(services: Health['services']): Health['status'] {
  if (services.database !== 'healthy') return 'unhealthy';
  return Object.values(services).includes('unhealthy') ? 'degraded' : 'healthy';
}

function watch(source: Probes[Service], now: () => number): () => Promise<ServiceStatus> {
  if (source === undefined) return () => Promise.resolve('not_configured');
  const { probe, cache_ms = CACHE_MS } = source;
  let known: ServiceStatus = 'unhealthy';
  let known_until = -Infinity;
  let running: Promise<void> | undefined;

  async function ask(): Promise<void> {
    try {
      await probe();
      settle('healthy', cache_ms);
    } catch {
      settle('unhealthy', CACHE_MS);
    }
  }
  function settle(status: ServiceStatus, keep_ms: number): void {
    known = status;
    known_until = now() + keep_ms;
    running = undefined;
  }

  return async () => {
    if (now() < known_until) return known;
    // A probe that hangs is not asked again beside itself: that would pile up connections.
    running ??= ask();
    const late = Symbol('late');
    const outcome = await Promise.race([running, after(PROBE_LIMIT_MS, late)]);
    if (outcome === late) {
      known = 'unhealthy';
      known_until = now() + CACHE_MS;
    }
    return known;
  };
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, value).unref();
  });
}
