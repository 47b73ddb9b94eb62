// The one way out to URLs that users gave. The check is the dial: names are resolved once, judged, and exactly those
// addresses are connected to, so there is no second look-up to lie to. Redirects are answers that nobody follows.
import { isIP } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, buildConnector, type Dispatcher, errors, request } from 'undici';
import { isAllowedOrigin, MAX_URL_LENGTH } from '../../domain/egress/rules.js';
import {
  isPublicAddress,
  publicAddresses,
  RefusedAddressError,
  type Resolve,
  resolveBySystem,
} from './addresses.js';

export const EGRESS_REASONS = [
  'unreachable',
  'refused_address',
  'timeout',
  'too_large',
  'bad_response',
] as const;
export type EgressReason = (typeof EGRESS_REASONS)[number];

/** Says one of five words and no more: what is told apart beyond them would map the network. */
export class EgressError extends Error {
  override name = 'EgressError';
  readonly reason: EgressReason;

  constructor(reason: EgressReason) {
    super(reason);
    this.reason = reason;
  }
}

export interface EgressCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface EgressAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

export interface Egress {
  /** @throws EgressError, or the signal's reason. Any status but 3xx is an answer. */
  call(call: EgressCall, signal?: AbortSignal): Promise<EgressAnswer>;
  close(): Promise<void>;
}

export interface EgressLimits {
  connect_ms: number;
  headers_ms: number;
  total_ms: number;
  body_bytes: number;
}

export interface EgressConfig {
  /** Origins beyond the guard; refused in production where the configuration is read. */
  allow?: readonly string[];
  resolve?: Resolve;
  limits?: Partial<EgressLimits>;
}

const LIMITS: EgressLimits = {
  connect_ms: 3_000,
  headers_ms: 10_000,
  total_ms: 15_000,
  body_bytes: 1_048_576,
};
const HEADER_BYTES = 16_384;
/** Ours to say: a caller who sets them could smuggle a second request, or ask for a compressed bomb. */
const OWN_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function createEgress({ allow = [], resolve = resolveBySystem, limits }: EgressConfig = {}): Egress {
  const bounds = { ...LIMITS, ...limits };
  const agent = new Agent({
    connect: guardedConnect(allow, resolve, bounds.connect_ms),
    pipelining: 0, // a connection for each call: none is kept that an earlier answer had judged
    headersTimeout: bounds.headers_ms,
    bodyTimeout: bounds.headers_ms,
    maxHeaderSize: HEADER_BYTES,
  });
  return {
    async call({ method, url, headers = {}, body }, signal) {
      const target = targetOf(url, allow);
      const late = AbortSignal.timeout(bounds.total_ms);
      const stop = signal ? AbortSignal.any([signal, late]) : late;
      try {
        const answer = await request(target, {
          method,
          headers: { ...ownWordsRemoved(headers), 'accept-encoding': 'identity' },
          ...(body === undefined ? {} : { body }),
          dispatcher: agent,
          signal: stop,
        });
        if (answer.statusCode >= 300 && answer.statusCode < 400) {
          answer.body.on('error', () => undefined).destroy(); // which says so as an error
          throw new EgressError('bad_response');
        }
        const text = await readBody(answer.body, bounds.body_bytes);
        return { status: answer.statusCode, headers: answer.headers, body: text };
      } catch (error) {
        signal?.throwIfAborted();
        throw new EgressError(reasonOf(error));
      }
    },
    close: () => agent.destroy(),
  };
}

/** @throws EgressError */
function targetOf(address: string, allow: readonly string[]): URL {
  if (address.length > MAX_URL_LENGTH || !URL.canParse(address)) throw new EgressError('refused_address');
  const url = new URL(address);
  const plain = url.username === '' && url.password === '';
  if (plain && (isAllowedOrigin(url, allow) || (url.protocol === 'https:' && url.port === ''))) return url;
  throw new EgressError('refused_address');
}

function guardedConnect(
  allow: readonly string[],
  resolve: Resolve,
  timeout: number,
): buildConnector.connector {
  const direct = buildConnector({ timeout });
  const judge = callbackify((hostname: string) => publicAddresses(hostname, resolve));
  const pinned = buildConnector({
    timeout,
    lookup: (name, { all }, done) =>
      judge(name, (error, addresses) => {
        const [first] = error ? [] : addresses;
        if (all === true) done(error, error ? [] : addresses);
        else done(error, first?.address ?? '', first?.family);
      }),
  });
  return (options, callback) => {
    const { protocol, hostname, port } = options;
    const name = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
    if (isAllowedOrigin(new URL(`${protocol}//${name}${port === '' ? '' : `:${port}`}`), allow)) {
      direct(options, callback);
      return;
    }
    // the look-up hook is never asked about these
    if (isIP(hostname) !== 0 && !isPublicAddress(hostname)) {
      callback(new RefusedAddressError(), null);
      return;
    }
    pinned(options, (...[error, socket]) => {
      if (error) callback(error, null);
      else if (isPublicAddress(socket.remoteAddress ?? '')) callback(null, socket);
      else {
        socket.destroy();
        callback(new RefusedAddressError(), null);
      }
    });
  };
}

function ownWordsRemoved(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name.toLowerCase())));
}

/** Counted as it comes, before it is kept. */
async function readBody(body: Dispatcher.ResponseData['body'], most: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > most) {
      body.destroy();
      throw new EgressError('too_large');
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(error: unknown): EgressReason {
  if (error instanceof EgressError) return error.reason;
  if (error instanceof RefusedAddressError) return 'refused_address';
  if (error instanceof errors.HeadersOverflowError) return 'too_large';
  if (error instanceof errors.HTTPParserError) return 'bad_response';
  if (
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    (error instanceof Error && error.name === 'TimeoutError')
  )
    return 'timeout';
  return 'unreachable';
}
