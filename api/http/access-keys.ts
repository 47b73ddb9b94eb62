// The team's signing keys. Held in memory, refreshed beside the requests, never fetched once per request:
// jose's own remote set refetches on every request while the address is down.
import { importJWK } from 'jose';
import { z } from 'zod';

export type SigningKey = Awaited<ReturnType<typeof importJWK>>;

export interface AccessKeys {
  /** Known keys answer at once. An unknown id waits for the one shared refresh, at most 2 s. */
  find(kid: string): Promise<SigningKey | undefined>;
  isKnown(kid: string): boolean;
  /** False before the first success and after a day without one: then nobody can be verified. */
  isReady(): boolean;
  start(): Promise<void>;
  stop(): void;
}

export interface AccessKeysOptions {
  url: string;
  onRefresh?: (outcome: 'ok' | 'failed', reason?: string) => void;
  now?: () => number;
  /** Runs the work once that time has passed; @returns how to call it off. */
  after?: (ms: number, work: () => Promise<void>) => () => void;
}

const REFRESH_EVERY_MS = 10 * 60_000;
const MIN_BETWEEN_FETCHES_MS = 30_000;
const KEEP_LAST_GOOD_MS = 24 * 3_600_000;
const MAX_WAIT_MS = 2_000;
const FETCH_TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 32;
const MIN_MODULUS_CHARS = 342; // base64url of 2048 bits

const jwk = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1).max(200),
  n: z.string().min(MIN_MODULUS_CHARS).max(2048),
  e: z.string().max(16),
  alg: z.literal('RS256').optional(),
  use: z.literal('sig').optional(),
});
const certs = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });

export function createAccessKeys(options: AccessKeysOptions): AccessKeys {
  const { now = Date.now, after = later, onRefresh } = options;
  let keys: ReadonlyMap<string, SigningKey> = new Map();
  let good_until_ms = 0;
  let last_fetch_ms = -Infinity;
  let running: Promise<void> | undefined;
  let callOff = (): void => undefined;

  const isReady = (): boolean => now() < good_until_ms;

  async function load(): Promise<void> {
    try {
      keys = await fetchKeys(options.url);
      good_until_ms = now() + KEEP_LAST_GOOD_MS;
      onRefresh?.('ok');
    } catch (error) {
      onRefresh?.('failed', error instanceof Error ? error.message : String(error));
    }
  }

  /** The one refresh everybody shares; nothing at all within 30 s of the last, whatever came of it. */
  function refresh(): Promise<void> | undefined {
    if (running !== undefined) return running;
    if (now() - last_fetch_ms < MIN_BETWEEN_FETCHES_MS) return undefined;
    last_fetch_ms = now();
    running = load().finally(() => {
      running = undefined;
    });
    return running;
  }

  function schedule(): void {
    // A failed refresh is tried again as soon as the pause between fetches allows.
    const fresh = good_until_ms - now() > KEEP_LAST_GOOD_MS - MIN_BETWEEN_FETCHES_MS;
    callOff = after(fresh ? REFRESH_EVERY_MS : MIN_BETWEEN_FETCHES_MS, tick);
  }

  async function tick(): Promise<void> {
    await refresh();
    schedule();
  }

  return {
    isReady,
    isKnown: (kid) => keys.has(kid) && isReady(),
    async find(kid) {
      const known = isReady() ? keys.get(kid) : undefined;
      if (known !== undefined) return known;
      const shared = refresh();
      if (shared === undefined) return undefined;
      await Promise.race([shared, pause(MAX_WAIT_MS)]);
      return isReady() ? keys.get(kid) : undefined;
    },
    start: tick,
    stop: () => callOff(),
  };
}

async function fetchKeys(url: string): Promise<Map<string, SigningKey>> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  const { keys } = certs.parse(JSON.parse(await readBounded(response)));
  const usable = new Map<string, SigningKey>();
  for (const candidate of keys) {
    const parsed = jwk.safeParse(candidate);
    if (!parsed.success) continue;
    const { kid, kty, n, e } = parsed.data;
    usable.set(kid, await importJWK({ kty, n, e }, 'RS256'));
  }
  if (usable.size === 0) throw new Error('no usable key in the answer');
  return usable;
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function later(ms: number, work: () => Promise<void>): () => void {
  const timer = setTimeout(() => void work(), ms);
  timer.unref();
  return () => clearTimeout(timer);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
