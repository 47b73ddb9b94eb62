// A REST client of our own API, as any user of it would write one.
import { z } from 'zod';
import { Problem } from '../problem.js';

export interface ApiClient {
  get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>>;
  post<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>>;
  put<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>>;
}

const REQUEST_TIMEOUT_MS = 15_000;
const refusal = z.object({ detail: z.string(), code: z.string() });

export function apiClient(base_url: string, token: () => Promise<string>): ApiClient {
  async function send<S extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: S,
  ): Promise<z.output<S>> {
    const response = await fetch(`${base_url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer: unknown = await response.json();
    if (response.ok) return schema.parse(answer);
    const { detail, code } = refusal.parse(answer);
    throw new Problem(`${method} ${path}: ${response.status} ${code}: ${detail}`);
  }
  return {
    get: (path, schema) => send('GET', path, undefined, schema),
    post: (path, body, schema) => send('POST', path, body, schema),
    put: (path, body, schema) => send('PUT', path, body, schema),
  };
}
