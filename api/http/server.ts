import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Edge } from './edge.js';
import { refuseUnreadable } from './unreadable.js';

// One more than outermost.ts lets pass: what Node drops beyond its limit would be dropped in silence.
const KEPT_HEADERS = 101;

/** Limits below HTTP's meaning: slow and oversized requests end here, before any of our code runs. */
export function createApiServer(
  listener: RequestListener,
  edge: Pick<Edge, 'addressOf' | 'limiter' | 'log'>,
): Server {
  const server = createServer(
    {
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000, // how late the two above may be noticed
      keepAliveTimeout: 75_000, // longer than the proxy's, so that it never reuses a closed socket
      maxHeaderSize: 32 * 1024, // an overlong token is answered 401, not cut off below
      requireHostHeader: false, // refused above, in the shape of every refusal
    },
    listener,
  );
  server.maxHeadersCount = KEPT_HEADERS;
  // what is expected beyond 100-continue may be ignored (RFC 9110, 10.1.1); Node would refuse it without a word
  server.on('checkExpectation', listener);
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (req, res) => answering.set(req.socket, res));
  server.on('clientError', (error, socket) => {
    const begun = answering.get(socket);
    // in the middle of an answer nothing else can be said
    if (begun?.headersSent === true && !begun.writableFinished) socket.destroy();
    else refuseUnreadable(edge, error, socket);
  });
  return server;
}
