// The only wiring of the API: configuration in, everything that routes and the edge need out.
import type { Logger } from 'pino';
import { appendAudit } from '../db/audit/repository.js';
import { connect, type Database } from '../db/connection.js';
import { createCodec, toDataConverter } from '../db/crypto/data-converter.js';
import { derivedKeys } from '../db/crypto/root-keys.js';
import { createSealer } from '../db/crypto/seal.js';
import { parseSigningKeys } from '../db/crypto/signing-keys.js';
import { createIdempotencyStore } from '../db/idempotency/store.js';
import { storeOfEnvironment } from '../db/objects/store.js';
import { createPolicyRuntime } from '../db/policies/engine.js';
import { createOpa } from '../db/policies/opa.js';
import { takeRate } from '../db/rates/repository.js';
import { appUrl } from '../db/roles.js';
import { connectionSettings } from '../db/temporal/connection.js';
import { withTenant } from '../db/tenancy.js';
import { identifyUser } from '../db/users/repository.js';
import type { OscalDeps } from './assessments/oscal.js';
import type { AssessmentDeps } from './assessments/use-cases.js';
import type { AuditDeps } from './audit/routes.js';
import { createOnRecord } from './codec/on-record.js';
import type { CodecDeps } from './codec/use-cases.js';
import type { ApiConfig } from './config.js';
import { createHealthMonitor, type HealthMonitor } from './health/monitor.js';
import { createProbes } from './health/probes.js';
import { createAccessKeys, type AccessKeys } from './http/access-keys.js';
import { createTokenVerifier } from './http/access-token.js';
import { createAddressOf } from './http/address.js';
import { createAuthenticator } from './http/authenticate.js';
import { originOf } from './http/cross-origin.js';
import type { EvidenceDeps } from './evidence/use-cases.js';
import type { Edge } from './http/edge.js';
import type { Identity, RefusalAudit } from './http/identity.js';
import { createMetrics } from './http/metrics.js';
import { watchOverload } from './http/overload.js';
import { createCursors } from './http/pagination.js';
import { createRateLimiter, type RateStore } from './http/rate-limit.js';
import { createMemoryRateStore } from './http/rate-store-memory.js';
import { connectRateRedis, createRedisRateStore } from './http/rate-store-redis.js';
import type { ProofDeps } from './incidents/proof-routes.js';
import type { KriDeps } from './kris/use-cases.js';
import type { NotificationDeps } from './notifications/use-cases.js';
import type { OrgDeps } from './orgs/use-cases.js';
import type { PolicyDeps } from './policies/use-cases.js';
import type { ReportDeps } from './reports/use-cases.js';
import type { SigningDeps } from './signing/routes.js';
import { linkTemporal } from './temporal.js';

/** What the resources' routes are built from. */
export interface AppDeps
  extends
    AssessmentDeps,
    OscalDeps,
    AuditDeps,
    CodecDeps,
    EvidenceDeps,
    ProofDeps,
    SigningDeps,
    OrgDeps,
    KriDeps,
    NotificationDeps,
    PolicyDeps,
    ReportDeps {
  health: HealthMonitor;
  docs_public: boolean;
  /** The OpenAPI document as text; made when all routes are known. */
  openapi(): string;
}

export interface Wiring {
  edge: Edge;
  routes: Omit<AppDeps, 'openapi'>;
  keys: AccessKeys;
  /** Begins the stop: streams end, answers close their connections. */
  stop(): void;
  close(): Promise<void>;
}

export interface WiringOptions {
  log: Logger;
  version: string;
  parse_responses: boolean;
  /** Default: three seconds. */
  answer_within_ms?: number;
  /** Node's own metrics too: one per process. */
  process_metrics: boolean;
}

/** A command waits two seconds for the run to obey; the rest is for our own work. */
const ANSWER_WITHIN_MS = 3_000;
/** Enough for most documents, and time is left for the store and the database. */
const VERIFY_WAIT_MS = 1_500;

export function wire(config: ApiConfig, options: WiringOptions): Wiring {
  const { log } = options;
  const db = connect({
    url: config.DATABASE_APP_URL ?? appUrl(config.DATABASE_URL ?? ''),
    pool_max: 10,
    application_name: 'grc-api',
    query_timeout_ms: ANSWER_WITHIN_MS, // later nobody waits for it any more
    on_trouble: (reason) => log.warn({ reason }, 'the database connection'),
  });
  const redis =
    config.REDIS_URL === undefined
      ? undefined
      : connectRateRedis(config.REDIS_URL, (error) => log.warn({ err: error }, 'redis'));
  const rates = redis && createRedisRateStore(redis);
  const codec = createCodec(db, config.PAYLOAD_KEYS);
  const temporal = linkTemporal(db, {
    connection: connectionSettings(config),
    namespace: config.TEMPORAL_NAMESPACE,
    data_converter: toDataConverter(codec),
  });
  const poolQueue = (): number => db.client.pool?.numPendingAcquires() ?? 0;
  const metrics = createMetrics({ poolQueue, process: options.process_metrics });
  const overload = watchOverload(poolQueue);
  const stopping = new AbortController();
  const issuer = config.ACCESS_TEAM_DOMAIN.replace(/\/$/, '');
  const keys = createAccessKeys({
    url: `${issuer}/cdn-cgi/access/certs`,
    onRefresh(outcome, reason) {
      metrics.keyRefresh(outcome);
      if (outcome === 'failed') log.warn({ reason }, 'the sign-in keys could not be fetched');
    },
  });
  const edge: Edge = {
    authenticator: createAuthenticator(createTokenVerifier({ keys, issuer, audience: config.ACCESS_AUD })),
    identity: createIdentity(db),
    audit: createRefusalAudit(db, log),
    limiter: createRateLimiter({
      limit: config.RATE_LIMIT_PER_MINUTE,
      store: rates ?? postgresRateStore(db),
      local: createMemoryRateStore(),
      onStoreFailure(error) {
        metrics.rateStoreFailed();
        log.warn({ err: error }, 'the shared rate store does not answer');
      },
    }),
    cursors: createCursors(derivedKeys(config.PAYLOAD_KEYS, 'grc-cursor')),
    idempotency: createIdempotencyStore(db, createSealer(config.PAYLOAD_KEYS)),
    public_origin: new URL(config.PUBLIC_URL).origin,
    web_ui_origin: originOf(config.TEMPORAL_UI_URL),
    addressOf: createAddressOf(config.TRUSTED_PROXIES),
    isOverloaded: () => overload.isOverloaded(),
    answer_within_ms: options.answer_within_ms ?? ANSWER_WITHIN_MS,
    stopping: stopping.signal,
    parse_responses: options.parse_responses,
    metrics,
    log,
  };
  const llm =
    config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined
      ? undefined
      : {
          base_url: config.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
          api_key: config.OPENAI_API_KEY ?? '',
        };
  const store = storeOfEnvironment(config);
  const signing = config.SIGNING_KEYS === undefined ? undefined : parseSigningKeys(config.SIGNING_KEYS);
  const opa = config.OPA_URL === undefined ? undefined : createOpa({ url: config.OPA_URL });
  const probes = createProbes({
    db,
    opa,
    redis,
    temporal: temporal.connection,
    steampipe_url: config.STEAMPIPE_DATABASE_URL,
    storage_url: config.S3_ENDPOINT,
    llm,
  });
  return {
    edge,
    routes: {
      db,
      temporal: temporal.gate,
      codec,
      onRecord: createOnRecord(),
      anchors: store,
      objects: store,
      verify_wait_ms: VERIFY_WAIT_MS,
      policies: opa && createPolicyRuntime(opa),
      signing,
      sealer: createSealer(config.PAYLOAD_KEYS),
      inventory_url: config.STEAMPIPE_DATABASE_URL,
      email_configured: config.SMTP_URL !== undefined,
      endpoints: { allow: config.EGRESS_ALLOW, own_hosts: [new URL(config.PUBLIC_URL).hostname] },
      jwks: signing?.jwks ?? { keys: [] },
      web_ui: { url: config.TEMPORAL_UI_URL.replace(/\/$/, ''), namespace: config.TEMPORAL_NAMESPACE },
      run_limits: {
        concurrency: config.ASSESSMENT_CONCURRENCY,
        token_budget: config.LLM_TOKEN_BUDGET ?? null,
        unreachable_ms: config.UNREACHABLE_SECONDS * 1_000,
      },
      health: createHealthMonitor({ version: options.version, probes }),
      stopping: stopping.signal,
      docs_public: issuer.startsWith('http://'),
      public_url: config.PUBLIC_URL,
    },
    keys,
    stop: () => stopping.abort(),
    async close() {
      overload.stop();
      keys.stop();
      await temporal.close();
      await db.destroy();
      rates?.stop();
      redis?.disconnect();
      store?.close();
      await opa?.close();
    },
  };
}

function createIdentity(db: Database): Identity {
  return {
    async identify({ principal, issued_at }, org_id) {
      const proven =
        principal.kind === 'person'
          ? { kind: principal.kind, email: principal.email, access_sub: principal.sub, issued_at }
          : principal;
      const account = await identifyUser(db, proven, org_id);
      if (account === undefined) return undefined;
      const { user_id, email, service_token_id, access_sub, sessions_revoked_at, role } = account;
      const name = email?.split('@')[0] ?? service_token_id ?? '';
      const { kind } = principal;
      return { caller: { kind, user_id, name }, access_sub, sessions_revoked_at, role: role ?? undefined };
    },
  };
}

function createRefusalAudit(db: Database, log: Logger): RefusalAudit {
  return {
    async forbidden(tenant, { action, route }) {
      await withTenant(db, tenant, (trx) =>
        appendAudit(trx, tenant, {
          action,
          resource_type: 'route',
          resource_id: route,
          outcome: 'refused',
        }),
      );
    },
    async bindingMismatch({ org_id, user_id, request_id, address }) {
      log.warn(
        { user_id, request_id, address },
        'a token with another subject than the one bound to this address',
      );
      if (org_id === undefined) return;
      // nobody knows who it was
      const actor = { org_id, actor_id: null, request_id, address };
      const refusal = {
        action: 'user.sign_in',
        resource_type: 'user',
        resource_id: user_id,
        outcome: 'refused',
      } as const;
      await withTenant(db, { org_id }, (trx) => appendAudit(trx, actor, refusal));
    },
  };
}

function postgresRateStore(db: Database): RateStore {
  return {
    async hit(key, limit, window_ms) {
      const row = await takeRate(db, key, limit, window_ms);
      return {
        allowed: row.allowed,
        limit,
        remaining: row.remaining,
        reset_at_ms: row.reset_ms,
        now_ms: row.now_ms,
      };
    },
  };
}
