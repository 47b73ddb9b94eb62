// What the edge kit needs from outside; api/deps.ts puts it together, tests hand in their own.
import type { ParameterizedContext } from 'koa';
import type { Logger } from 'pino';
import type { IdempotencyStore } from '../../db/idempotency/store.js';
import type { Authenticator } from './authenticate.js';
import type { Identity, RefusalAudit } from './identity.js';
import type { Metrics } from './metrics.js';
import type { Cursors } from './pagination.js';
import type { LimitState, RateLimiter } from './rate-limit.js';

export interface Edge {
  authenticator: Authenticator;
  identity: Identity;
  audit: RefusalAudit;
  limiter: RateLimiter;
  cursors: Cursors;
  /** Answers to requests that came with a key. */
  idempotency: IdempotencyStore;
  /** `https://grc.example`: the one origin whose pages may use the cookie for changes. */
  public_origin: string;
  /** Of Temporal's Web UI, whose pages may call the routes that say so. */
  web_ui_origin: string | undefined;
  /** The client's address, also behind a trusted proxy. */
  addressOf(peer: string | undefined, cf_connecting_ip: string | undefined): string;
  /** True while the process has more work than it can do in time. */
  isOverloaded(): boolean;
  /** How long a caller waits at most; bodies that are still coming in do not count. */
  answer_within_ms: number;
  /** Aborts when the process begins to stop: streams end, connections close after their answer. */
  stopping: AbortSignal;
  /** Tests parse every answer with its schema; production relies on explicit column lists. */
  parse_responses: boolean;
  metrics: Metrics;
  log: Logger;
}

/** What one request carries from the outermost middleware inwards. */
export interface EdgeState {
  request_id: string;
  address: string;
  /** The limit shown in the headers: of all that the request counted against, the one with fewest left. */
  limit: LimitState | undefined;
  /** Route name for logs and metrics; a path would hold ids. */
  route: string;
  user_id: string | undefined;
  /** Set by a handler that answers with another status than its route's. */
  status: number | undefined;
}

export type EdgeContext = ParameterizedContext<EdgeState>;
