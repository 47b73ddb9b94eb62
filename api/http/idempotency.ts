// POST that may be sent twice: the same key and request get the first answer again, and nothing is done twice.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { refuseKey } from '../../domain/idempotency/rules.js';
import { failpoint } from '../../db/failpoint.js';
import { inScope } from '../../db/idempotency/scope.js';
import type { KeptAnswer, RequestKey } from '../../db/idempotency/store.js';
import type { Edge, EdgeContext } from './edge.js';
import type { RouteFacts } from './spec.js';

/** An answer as it was given, to be given again byte by byte. */
export class Replay {
  readonly answer: KeptAnswer;

  constructor(answer: KeptAnswer) {
    this.answer = answer;
  }
}

export interface Safely {
  /** Undefined where the caller leaves it to luck. */
  key: RequestKey | undefined;
  precondition: (() => Promise<void>) | undefined;
  /** Headers that the handler sets. */
  headers: Record<string, string>;
}

export function takesKey({ method, permission }: RouteFacts): boolean {
  return method === 'post' && permission !== 'public';
}

/** @throws DomainError VALIDATION_ERROR for a key that is none */
export function givenKey(ctx: EdgeContext): string | undefined {
  const given = ctx.req.headers['idempotency-key'];
  if (given === undefined) return undefined;
  const key = Array.isArray(given) ? given.join(', ') : given;
  refuseKey(key);
  return key;
}

export function requestKey(
  ctx: EdgeContext,
  caller_id: string,
  org_id: string | null,
  json: unknown,
): RequestKey | undefined {
  const key = givenKey(ctx);
  if (key === undefined) return undefined;
  const said = `${ctx.method} ${ctx.path}?${ctx.querystring}\n${canonicalize(json) ?? ''}`;
  return { org_id, caller_id, key_hash: sha256(key), fingerprint: sha256(said) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** @throws DomainError CONFLICT when the key belongs to another request */
export async function safely(
  edge: Edge,
  ctx: EdgeContext,
  spec: RouteFacts,
  { key, precondition, headers }: Safely,
  work: () => Promise<unknown>,
): Promise<unknown> {
  if (key === undefined) {
    return precondition === undefined ? await work() : (await inScope({ precondition }, work)).result;
  }
  const known = await edge.idempotency.find(key);
  if (known) return new Replay(replayed(known));
  const { result, replayed: again } = await inScope(
    { keeper: edge.idempotency.keeper(key), precondition },
    work,
  );
  const answer = { status: ctx.state.status ?? spec.status ?? 200, headers, body: JSON.stringify(result) };
  try {
    const kept = await edge.idempotency.settle(key, answer);
    failpoint('before_response');
    if (again || kept !== answer) return new Replay(replayed(kept));
  } catch (error) {
    // what was asked for is done: that its answer cannot be kept is no reason to deny it
    edge.log.warn({ err: error, request_id: ctx.state.request_id }, 'an answer could not be kept');
  }
  return result;
}

function replayed({ headers, ...rest }: KeptAnswer): KeptAnswer {
  return { ...rest, headers: { ...headers, 'Idempotent-Replayed': 'true' } };
}
