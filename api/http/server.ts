import { createServer, type RequestListener, type Server } from 'node:http';

/** Limits below HTTP's meaning: slow and oversized requests end here, before any of our code runs. */
export function createApiServer(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 75_000, // longer than the proxy's, so that it never reuses a closed socket
      maxHeaderSize: 32 * 1024, // an overlong token is answered 401, not cut off below
    },
    listener,
  );
  server.maxHeadersCount = 100;
  return server;
}
