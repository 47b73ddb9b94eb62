import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListeningServer {
  url: string;
  stop(): Promise<void>;
}

/** Listens, on loopback unless told otherwise. Port 0 takes a free one. A taken port rejects with EADDRINUSE. */
export async function listenOn(
  server: Server,
  options: { host?: string; port: number },
): Promise<ListeningServer> {
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${portOf(address, options.port)}`, stop: () => stopServer(server) };
}

function portOf(address: AddressInfo | string | null, fallback: number): number {
  return address === null || typeof address === 'string' ? fallback : address.port;
}

async function stopServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    // Requests in flight get two seconds; `close` alone would wait for kept-alive peers without limit.
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
}
