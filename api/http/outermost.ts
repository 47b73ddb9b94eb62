// What surrounds every request, matched or not: its id, its refusal, its headers, its line in the log.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { DomainError } from '../../domain/errors.js';
import { limitKeyOf } from './address.js';
import { discard } from './body.js';
import type { Edge, EdgeContext, EdgeState } from './edge.js';
import { bodyOf, statusOf, toDomainError } from './errors.js';
import { enforce, limitHeaders } from './rate-limit.js';

const SECURITY_HEADERS = Object.entries({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
});

/** Probes keep answering under load: who asks whether we live must not be told to come back later. */
const ALWAYS_SERVED = new Set(['/livez', '/readyz', '/health', '/api/v1/health']);

export function outermost(edge: Edge): Middleware<EdgeState> {
  return async (ctx, next) => {
    const started = performance.now();
    const address = edge.addressOf(ctx.req.socket.remoteAddress, header(ctx, 'cf-connecting-ip'));
    Object.assign(ctx.state, {
      request_id: randomUUID(),
      address,
      limit: undefined,
      route: 'unmatched',
      user_id: undefined,
      status: undefined,
    } satisfies EdgeState);
    for (const [name, value] of SECURITY_HEADERS) ctx.res.setHeader(name, value);
    ctx.set('X-Request-Id', ctx.state.request_id);
    if (edge.stopping.aborted) ctx.set('Connection', 'close');
    try {
      refuseAmbiguous(ctx.req);
      if (edge.isOverloaded() && !ALWAYS_SERVED.has(ctx.path)) shed(edge, ctx);
      await next();
    } catch (error) {
      refuse(edge, ctx, error);
    }
    // what nobody has read is read no further than a client needs to hear the answer
    if (!ctx.req.complete) discard(ctx.req);
    ctx.set(limitHeaders(ctx.state.limit ?? edge.limiter.hitLocally(limitKeyOf(address))));
    const seconds = (performance.now() - started) / 1000;
    edge.metrics.observe(ctx.state.route, ctx.method, ctx.status, seconds);
    edge.log.info(
      {
        request_id: ctx.state.request_id,
        route: ctx.state.route,
        method: ctx.method,
        status: ctx.status,
        duration_ms: Math.round(seconds * 1000),
        user_id: ctx.state.user_id,
      },
      'request',
    );
  };
}

function header(ctx: EdgeContext, name: string): string | undefined {
  const value = ctx.req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const MAX_HEADERS = 100;
/** Node takes the first and drops the others; a proxy before us may have gone by another. */
const ONCE = new Set(['host', 'authorization', 'content-type']);

/** @throws DomainError VALIDATION_ERROR where two readers of the same bytes could see two requests */
function refuseAmbiguous({ rawHeaders, httpVersion, headers }: IncomingMessage): void {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    if (ONCE.has(name) && seen.has(name)) throw malformed(`more than one ${name} header`);
    seen.add(name);
  }
  if (rawHeaders.length > MAX_HEADERS * 2) throw malformed(`more than ${MAX_HEADERS} headers`);
  if (headers.host === undefined && httpVersion === '1.1') throw malformed('the host header is missing');
}

function malformed(detail: string): DomainError {
  return new DomainError('VALIDATION_ERROR', detail, { unreadable: true });
}

function shed(edge: Edge, ctx: EdgeContext): never {
  edge.metrics.shed();
  enforce(ctx, edge.limiter.hitLocally(limitKeyOf(ctx.state.address)));
  throw new DomainError('SERVICE_UNAVAILABLE', 'the server is overloaded', { retry_after_s: 2 });
}

function refuse(edge: Edge, ctx: EdgeContext, error: unknown): void {
  const refusal = toDomainError(error);
  const { request_id, route, user_id, address } = ctx.state;
  if (refusal.code === 'INTERNAL_ERROR') {
    edge.log.error({ request_id, route, user_id, err: error }, 'unexpected failure');
  } else if (
    refusal.code === 'UNAUTHORIZED' ||
    refusal.code === 'FORBIDDEN' ||
    refusal.code === 'RATE_LIMITED'
  ) {
    edge.log.warn({ request_id, route, user_id, address, code: refusal.code }, 'refused');
  }
  const { retry_after_s } = refusal.extras;
  if (retry_after_s !== undefined) ctx.set('Retry-After', String(retry_after_s));
  if (refusal.code === 'UNAUTHORIZED') ctx.set('WWW-Authenticate', 'Bearer');
  ctx.body = bodyOf(refusal, request_id);
  ctx.status = statusOf(refusal);
}
