// One request through one route: limit, sign-in, path, tenant, permission, input, handler, answer.
import type { Middleware } from 'koa';
import { z } from 'zod';
import { changedMeanwhile } from '../../domain/idempotency/rules.js';
import type { TenantContext } from '../../domain/tenant.js';
import { inWords } from '../../domain/words-schema.js';
import { answer } from './answer.js';
import { answerWithin, type Aside } from './answer-within.js';
import type { SignedIn } from './authenticate.js';
import { DEFAULT_ITEMS_LIMIT, readJsonBody } from './body.js';
import { refuseForgery } from './credentials.js';
import type { Edge, EdgeContext, EdgeState } from './edge.js';
import { etagOf, holds, ifMatch, isResource } from './etag.js';
import { givenKey, Replay, requestKey, safely, takesKey } from './idempotency.js';
import type { Caller } from './identity.js';
import { invalid, malformedPath } from './invalid.js';
import { pageReader } from './pagination.js';
import { queryReader } from './query.js';
import { enforce, limitAnonymous, showLimit } from './rate-limit.js';
import { type Call, type RawResponse, type Route, type RouteSpec, type Schema, type Seen } from './spec.js';
import { asAllowed, enter } from './tenancy.js';

const DEFAULT_BODY_LIMIT = 256 * 1024;
const IN_WORDS = { error: inWords };
const WITH_BODY = new Set(['post', 'put', 'patch']);

export function guard<P extends Schema, Q extends Schema, B extends Schema, R extends Schema | RawResponse>(
  edge: Edge,
  spec: RouteSpec<P, Q, B, R>,
  seen?: Route,
): Middleware<EdgeState> {
  // Schemas are settled here, once: building one per request costs 150 times the parsing.
  const paramsSchema = spec.params ?? nothing<z.output<P>>();
  const querySchema = spec.query ?? nothing<z.output<Q>>();
  const bodySchema = spec.body ?? nothing<z.output<B>>();
  const readQuery = queryReader(spec.query);
  const pageOf = pageReader(edge.cursors, spec.name, spec.query);
  const takesBody = WITH_BODY.has(spec.method);
  const bodyLimit = spec.body_limit ?? DEFAULT_BODY_LIMIT;
  const itemsLimit = spec.items_limit ?? DEFAULT_ITEMS_LIMIT;
  const send = answer(edge, spec);
  const keyed = takesKey(spec);
  // a change that answers with all of what GET shows gives its new tag at once
  const tagged = isResource(spec) || (spec.method !== 'post' && seen?.spec.response === spec.response);

  async function input(
    ctx: EdgeContext,
    aside: Aside,
    params: z.output<P>,
    org_id: string,
  ): Promise<{ call: Call<P, Q, B>; json: unknown; headers: Record<string, string> }> {
    const query = querySchema.safeParse(readQuery(ctx.querystring), IN_WORDS);
    if (!query.success) throw invalid(query.error, 'query');
    const json = takesBody ? await aside(() => readJsonBody(ctx.req, bodyLimit, itemsLimit)) : undefined;
    const body = bodySchema.safeParse(json, IN_WORDS);
    if (!body.success) throw invalid(body.error, 'body');
    const headers: Record<string, string> = {};
    let gone: AbortSignal | undefined;
    const call: Call<P, Q, B> = {
      params,
      query: query.data,
      body: body.data,
      request_id: ctx.state.request_id,
      address: ctx.state.address,
      page: pageOf(org_id, query.data),
      // one for the whole request, however often its work is tried again: each listens to the answer
      gone: () => (gone ??= AbortSignal.any([goneSignal(ctx), edge.stopping])),
      last_event_id: lastEventId(ctx.get('last-event-id')),
      countsAgainst: (limit) => showLimit(ctx, limit),
      answerStatus: (status) => {
        ctx.state.status = status;
      },
      header: (name, value) => {
        headers[name] = value;
        ctx.set(name, value);
      },
      accepts: ([first, ...others]) => ctx.accepts(first, ...others) || first,
    };
    return { call, json, headers };
  }

  function readPath(ctx: EdgeContext): z.output<P> {
    const params = paramsSchema.safeParse(ctx['params']);
    if (!params.success) throw malformedPath(params.error);
    return params.data;
  }

  async function runPublic(ctx: EdgeContext, aside: Aside): Promise<unknown> {
    if (spec.permission !== 'public') throw new Error('not a public route');
    await limitAnonymous(edge, ctx, spec.probe);
    return spec.handler((await input(ctx, aside, readPath(ctx), '')).call);
  }

  async function runSignedIn(ctx: EdgeContext, aside: Aside): Promise<unknown> {
    if (spec.permission === 'public') throw new Error('not a route behind sign-in');
    const token = await signIn(edge, ctx);
    enforce(
      ctx,
      spec.allowance === undefined
        ? await edge.limiter.hit(token.limit_key)
        : edge.limiter.hitLocally(`${spec.name}:${token.limit_key}`, spec.allowance),
    );
    const guest = spec.from_web_ui === true ? edge.web_ui_origin : undefined;
    refuseForgery(ctx.req, token.from_cookie, edge.public_origin, guest);
    if (keyed) givenKey(ctx);
    const params = readPath(ctx);
    if (spec.permission === 'signed-in') {
      const { caller } = await enter(edge, ctx, token, undefined);
      const { call, json, headers } = await input(ctx, aside, params, '');
      const key = keyed ? requestKey(ctx, caller.user_id, null, json) : undefined;
      const precondition = insistOn(ctx, call, caller, undefined);
      return await safely(edge, ctx, spec, { key, precondition, headers }, async () =>
        spec.handler({ ...call, caller }),
      );
    }
    const org_id = String(ctx['params'].org_id).toLowerCase();
    const { caller, tenant } = await enter(edge, ctx, token, org_id);
    if (tenant === undefined) throw new Error('no organization on an organization route');
    return await asAllowed(edge, tenant, spec, async () => {
      const { call, json, headers } = await input(ctx, aside, params, org_id);
      const key = keyed ? requestKey(ctx, caller.user_id, org_id, json) : undefined;
      const precondition = insistOn(ctx, call, caller, tenant);
      return await safely(edge, ctx, spec, { key, precondition, headers }, async () =>
        spec.handler({ ...call, caller, tenant }),
      );
    });
  }

  /** Undefined when the caller does not say what they have seen. */
  function insistOn(
    ctx: EdgeContext,
    call: Call<P, Q, B>,
    caller: Caller,
    tenant: TenantContext | undefined,
  ): (() => Promise<void>) | undefined {
    const given = ctx.req.headers['if-match'];
    if (seen === undefined || given === undefined) return undefined;
    const matches = ifMatch(given);
    const path: Record<string, string> = ctx['params'];
    return async () => {
      const { params: _params, query: _query, body: _body, ...rest } = call;
      if (!matches(etagOf(seen.spec, await seen.represent({ ...rest, path, caller, tenant }))))
        throw changedMeanwhile();
    };
  }

  /** The tag of what is sent, and 304 for who holds it already. */
  function tag(ctx: EdgeContext, result: unknown, text: string | undefined): void {
    if (!tagged || ctx.status !== 200) return;
    const etag = etagOf(seen?.spec ?? spec, result, text);
    ctx.set('ETag', etag);
    const held = ctx.req.headers['if-none-match'];
    if (spec.method !== 'get' || held === undefined || !holds(held, etag)) return;
    ctx.status = 304;
    ctx.body = null;
  }

  const run = spec.permission === 'public' ? runPublic : runSignedIn;
  return async (ctx) => {
    ctx.state.route = spec.name;
    const result = await answerWithin(edge.answer_within_ms, (aside) => run(ctx, aside));
    if (result instanceof Replay) return sendAgain(ctx, result);
    tag(ctx, result, send(ctx, result));
  };
}

/** What the route would answer to a call that is none: nothing is counted, nothing is sent. */
export function representation<
  P extends Schema,
  Q extends Schema,
  B extends Schema,
  R extends Schema | RawResponse,
>(spec: RouteSpec<P, Q, B, R>): (seen: Seen) => Promise<unknown> {
  const names = [...spec.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const paramsSchema = spec.params ?? nothing<z.output<P>>();
  const querySchema = spec.query ?? nothing<z.output<Q>>();
  const bodySchema = spec.body ?? nothing<z.output<B>>();
  return async ({ path, caller, tenant, ...rest }) => {
    const call: Call<P, Q, B> = {
      ...rest,
      params: paramsSchema.parse(Object.fromEntries(names.map((name) => [name, path[name]]))),
      query: querySchema.parse({}),
      body: bodySchema.parse(undefined),
    };
    if (spec.permission === 'public') return await spec.handler(call);
    if (spec.permission === 'signed-in') return await spec.handler({ ...call, caller });
    if (tenant === undefined) throw new Error('no organization on an organization route');
    return await spec.handler({ ...call, caller, tenant });
  };
}

function sendAgain(ctx: EdgeContext, { answer: { status, headers, body } }: Replay): void {
  ctx.set(headers);
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = body;
  ctx.status = status;
}

/** A call without a valid token counts against its address, and is refused as such only while that may still call. */
async function signIn(edge: Edge, ctx: EdgeContext): Promise<SignedIn> {
  try {
    return await edge.authenticator.authenticate(ctx.req);
  } catch (error) {
    await limitAnonymous(edge, ctx, undefined);
    throw error;
  }
}

const noFields = z.strictObject({});

/** Stands in for a schema that a route does not have: any field is one too many. */
function nothing<T>(): z.ZodType<T> {
  return z.custom<T>().superRefine((value, issues) => {
    if (value === undefined) return;
    for (const issue of noFields.safeParse(value).error?.issues ?? []) issues.addIssue({ ...issue });
  });
}

/** Only streams ask for it, so it is made on demand. */
function lastEventId(given: string): number | undefined {
  return /^\d{1,9}$/.test(given) ? Number(given) : undefined;
}

function goneSignal(ctx: EdgeContext): AbortSignal {
  const controller = new AbortController();
  if (ctx.res.destroyed || ctx.res.writableFinished) controller.abort();
  else ctx.res.once('close', () => controller.abort());
  return controller.signal;
}
