// An API as its clients see it.
import type { TestAccess } from './access.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or undefined when the answer is something else. */
  body: any; // oxlint-disable-line typescript/no-explicit-any -- tests read answers as a client without types does
}

export interface Caller {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

export interface TestClient {
  /** A call as the person, who needs no preparation: the first call signs them in. */
  as(email: string): Caller;
  raw(path: string, init?: RequestInit): Promise<Answer>;
}

export function clientOf(url: string, access: TestAccess): TestClient {
  const raw = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined };
  };
  const send = (email: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    raw(`/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${access.token(email)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    raw,
    as: (email) => ({
      get: (path) => send(email, 'GET', path),
      post: (path, body = {}) => send(email, 'POST', path, body),
      put: (path, body = {}) => send(email, 'PUT', path, body),
      patch: (path, body = {}) => send(email, 'PATCH', path, body),
      delete: (path) => send(email, 'DELETE', path),
    }),
  };
}
