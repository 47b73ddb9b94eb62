import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { errorCode, Problem } from './problem.js';

/** Below the range that systems hand out to outgoing connections, so that a kept port is still free next time. */
const LOWEST = 20_000;
const HIGHEST = 30_000;

export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'EADDRINUSE') resolve(false);
      else if (code === 'EACCES')
        reject(new Problem(`Port ${String(port)} needs more rights than this user has.`));
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Problem(`No free port between ${String(LOWEST)} and ${String(HIGHEST)}.`);
}
