// The bytes between LangChain and the model server. A client of its own: `fetch` costs as much as all of LangChain.
import { Agent, interceptors, request } from 'undici';

export interface Wire {
  fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** A name for one call, to send as this header; it goes no further than here. */
  newCall(): Record<string, string>;
  /** The body of its answer, if that came with success. Once. */
  bodyOf(call: Record<string, string>): string | undefined;
}

const CALL = 'x-wire-call';

/** What waits for the server is ended by the caller's signal, which knows how long it may take. */
export function createWire(): Wire {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 }).compose(
    interceptors.redirect({ maxRedirections: 5 }),
  );
  const bodies = new Map<string, string | undefined>();
  let calls = 0;
  return {
    newCall() {
      calls += 1;
      bodies.set(String(calls), undefined);
      return { [CALL]: String(calls) };
    },
    bodyOf(call) {
      const name = call[CALL] ?? '';
      const body = bodies.get(name);
      bodies.delete(name);
      return body;
    },
    async fetch(url, init = {}) {
      const headers = new Headers(init.headers);
      const name = headers.get(CALL) ?? '';
      headers.delete(CALL);
      const answer = await request(url instanceof Request ? url.url : url, {
        method: 'POST',
        body: typeof init.body === 'string' ? init.body : null,
        // read as it comes
        headers: { ...Object.fromEntries(headers), 'accept-encoding': 'identity' },
        signal: init.signal ?? null,
        dispatcher: agent,
      });
      const text = await answer.body.text();
      // not for one that is given up by now
      if (answer.statusCode >= 200 && answer.statusCode < 300 && bodies.has(name)) bodies.set(name, text);
      return new Response(text, { status: answer.statusCode, headers: flat(answer.headers) });
    },
  };
}

function flat(headers: Record<string, string | string[] | undefined>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, each]),
  );
}
