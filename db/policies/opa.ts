// The REST API of an OPA server, embedded or given, as far as it is used. Every call ends in time, every answer is bounded.
import { Agent, type Dispatcher, request } from 'undici';

export type OpaReason = 'unreachable' | 'timeout' | 'too_large' | 'bad_answer';

/** The engine could not be asked. What it says about a policy is not an error but an answer. */
export class OpaError extends Error {
  override name = 'OpaError';
  readonly reason: OpaReason;

  constructor(reason: OpaReason) {
    super(`the policy engine: ${reason}`);
    this.reason = reason;
  }
}

export interface OpaAnswer {
  status: number;
  body: unknown;
}

export interface Opa {
  /** @throws OpaError */
  ping(timeout_ms?: number): Promise<void>;
  putPolicy(id: string, source: string): Promise<OpaAnswer>;
  /** Its parsed form is in `result.ast`. */
  getPolicy(id: string): Promise<OpaAnswer>;
  deletePolicy(id: string): Promise<OpaAnswer>;
  /** @returns the value of that document for the input, undefined when it has none */
  evaluate(path: string, input: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** A rule that needs longer is not a decision but an attack; OPA stops working on a call that was given up. */
const EVALUATE_MS = 1_500;
const UPLOAD_MS = 5_000;
const ANSWER_BYTES = 64 * 1024;
/** The parsed form of the longest policy is many times its text. */
const PARSED_BYTES = 16 * 1024 * 1024;

/** @param url `http://host:8181`, or `unix:/path/of/its.sock` */
export function createOpa({ url }: { url: string }): Opa {
  const socket = /^unix:(?:\/\/)?(\/.*)$/.exec(url)?.[1];
  const origin = socket === undefined ? url.replace(/\/$/, '') : 'http://opa';
  const agent = new Agent({
    connections: 16,
    connect: { timeout: EVALUATE_MS, ...(socket !== undefined && { socketPath: socket }) },
  });

  async function call(
    method: Dispatcher.HttpMethod,
    path: string,
    limits: { timeout_ms: number; bytes: number },
    sent?: { type: string; body: string },
  ): Promise<OpaAnswer> {
    const signal = AbortSignal.timeout(limits.timeout_ms);
    try {
      const { statusCode, body } = await request(`${origin}${path}`, {
        method,
        dispatcher: agent,
        signal,
        ...(sent && { body: sent.body, headers: { 'content-type': sent.type } }),
      });
      const text = await readBounded(body, limits.bytes);
      return { status: statusCode, body: text === '' ? undefined : parse(text) };
    } catch (error) {
      if (error instanceof OpaError) throw error;
      throw new OpaError(signal.aborted ? 'timeout' : 'unreachable');
    }
  }

  const upload = { timeout_ms: UPLOAD_MS, bytes: PARSED_BYTES };
  const small = { timeout_ms: EVALUATE_MS, bytes: ANSWER_BYTES };
  return {
    async ping(timeout_ms = EVALUATE_MS) {
      const { status } = await call('GET', '/health', { ...small, timeout_ms });
      if (status !== 200) throw new OpaError('bad_answer');
    },
    putPolicy: (id, source) =>
      call('PUT', `/v1/policies/${id}`, upload, { type: 'text/plain', body: source }),
    getPolicy: (id) => call('GET', `/v1/policies/${id}`, upload),
    deletePolicy: (id) => call('DELETE', `/v1/policies/${id}`, upload),
    async evaluate(path, input) {
      const sent = { type: 'application/json', body: JSON.stringify({ input }) };
      const { status, body } = await call('POST', `/v1/data/${path}`, small, sent);
      if (status !== 200 || typeof body !== 'object' || body === null) throw new OpaError('bad_answer');
      return 'result' in body ? body.result : undefined;
    },
    close: () => agent.destroy(),
  };
}

async function readBounded(body: Dispatcher.ResponseData['body'], bytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const piece = Buffer.from(chunk);
    size += piece.byteLength;
    if (size > bytes) {
      body.destroy();
      throw new OpaError('too_large');
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OpaError('bad_answer');
  }
}
