// An endpoint described once: the guard enforces this record, and openapi.ts documents the same record.
import type { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import type { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.js';
import type { Action } from '../../domain/permissions.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { Edge, EdgeState } from './edge.js';
import type { Caller } from './identity.js';
import type { PageRequest } from './pagination.js';
import type { LimitState } from './rate-limit.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Schema = z.ZodType;
export type None = z.ZodUndefined;

/** An answer that is not JSON: a file, a page, a stream of events. */
export interface RawResponse {
  raw: true;
  content_type: string;
  /** What else it may be; the handler says which by its header. */
  others?: readonly string[];
  description: string;
  /** What the bytes hold, for the document; of a stream of events, each event. */
  schema?: Schema;
}

export function raw(
  content_type: string | readonly [string, ...string[]],
  description: string,
  schema?: Schema,
): RawResponse {
  const [first, ...others] = typeof content_type === 'string' ? ([content_type] as const) : content_type;
  return {
    raw: true,
    content_type: first,
    ...(others.length > 0 && { others }),
    description,
    ...(schema !== undefined && { schema }),
  };
}

export interface Alternative {
  description: string;
  schema: Schema;
  /** Headers that it has beside those of every answer, with what they say. */
  headers?: Readonly<Record<string, string>>;
}

/** What the guard, the router and the document know of a route; everything but the handler. */
export interface RouteFacts {
  /** `<resource>.<verb>`; the operationId. */
  name: string;
  method: Method;
  /** Below /api/v1 (`/orgs/:org_id/users`), or absolute when `root` is set. */
  path: string;
  root?: boolean;
  permission: Action | 'signed-in' | 'public';
  summary: string;
  description?: string;
  /** Strict objects, with their examples in `.meta({ example })`; query fields that are arrays take a comma or a repeat. */
  params?: Schema;
  query?: Schema;
  body?: Schema;
  response: Schema | RawResponse;
  /** The same in another form, for whoever asks for it; the handler answers it by `inOtherForm`. */
  also?: RawResponse;
  /** 200 unless something is created. */
  status?: 200 | 201;
  /** Refusals beyond those that follow from the rest (400, 401, 403, 404, 413, 415, 422, 429, 500, 503). */
  errors?: readonly ErrorCode[];
  /** Answers of the handler under another status, e.g. a health check's 503. */
  alternatives?: Readonly<Record<number, Alternative>>;
  /**
   * Path parameter -> place in the answer: `{ user_id: 'id' }`, or `'items/0/id'` of a list, links to every route
   * that can be called with it.
   */
  links?: Record<string, string>;
  /** Bytes; 256 KB unless set. */
  body_limit?: number;
  /** Items that one list of the body may have, where that is more than elsewhere. */
  items_limit?: number;
  /** Counted apart from the caller's other calls and in this process, with this many times the default limit. */
  allowance?: number;
  /** In words, the limits that the handler itself counts. */
  limits?: readonly string[];
  /** Fields, at any depth, that the clock alone moves: a change is not refused because they differ by now. */
  moved_by_time?: readonly string[];
  /** Left out of the OpenAPI document: the document itself and its viewer. */
  hidden?: boolean;
  /** Pages of Temporal's Web UI may call it too, with their user's cookie. */
  from_web_ui?: true;
  /** A probe answers while the rest is refused: no shared rate store, no load shedding. */
  probe?: 'counted' | 'never-refused';
}

/** What every handler gets. */
export interface Call<P extends Schema, Q extends Schema, B extends Schema> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  request_id: string;
  address: string;
  /** For lists: `page.limit`, `page.after` (the verified cursor), and `page.answer({ items, next })`. */
  page: PageRequest;
  /** Aborts when the client has gone away or the process stops; for streams. */
  gone: () => AbortSignal;
  /** What a browser had received when its stream broke off; whatever is no number is nothing. */
  last_event_id: number | undefined;
  /** Another limit that this call counted against; the headers show the one with fewer left. */
  countsAgainst: (limit: LimitState) => void;
  /** Answer with another status than the route's, e.g. a health check's 503. */
  answerStatus: (status: number) => void;
  header: (name: string, value: string) => void;
  /** The one of these content types that the caller likes best; the first where they do not care. */
  accepts: (types: readonly [string, ...string[]]) => string;
}

const OTHER_FORM = Symbol('other form');

/** An answer in the form that the route's `also` describes. */
export interface OtherForm {
  [OTHER_FORM]: string;
}

export function inOtherForm(text: string): OtherForm {
  return { [OTHER_FORM]: text };
}

/** Its text; undefined for any other answer. */
export function otherForm(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  const text: unknown = Reflect.get(result, OTHER_FORM);
  return typeof text === 'string' ? text : undefined;
}

type Answer<R> = R extends RawResponse
  ? Readable | Buffer | string
  : R extends Schema
    ? z.output<R> | OtherForm
    : never;

interface Typed<
  P extends Schema,
  Q extends Schema,
  B extends Schema,
  R extends Schema | RawResponse,
> extends RouteFacts {
  params?: P;
  query?: Q;
  body?: B;
  response: R;
}

export type RouteSpec<
  P extends Schema = None,
  Q extends Schema = None,
  B extends Schema = None,
  R extends Schema | RawResponse = Schema,
> = Typed<P, Q, B, R> &
  (
    | { permission: 'public'; handler(call: Call<P, Q, B>): Answer<R> | Promise<Answer<R>> }
    | {
        permission: 'signed-in';
        handler(call: Call<P, Q, B> & { caller: Caller }): Answer<R> | Promise<Answer<R>>;
      }
    | {
        permission: Action;
        handler(
          call: Call<P, Q, B> & { caller: Caller; tenant: TenantContext },
        ): Answer<R> | Promise<Answer<R>>;
      }
  );

/** The middleware of one route; openapi.ts finds `spec` on the router's stack. */
export type Guard = Middleware<EdgeState> & { spec: RouteFacts };

export interface Route {
  spec: RouteFacts;
  /** @param all among them the GET whose ETag a change answers to */
  bind(edge: Edge, all: readonly Route[]): Guard;
  /** What a GET would answer, for whoever is about to change it. */
  represent(call: Seen): Promise<unknown>;
}

/** The call of a change, as its resource's GET would get it. */
export interface Seen extends Omit<Call<None, None, None>, 'params' | 'query' | 'body'> {
  path: Readonly<Record<string, string>>;
  caller: Caller;
  tenant: TenantContext | undefined;
}
