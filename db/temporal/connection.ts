// How every process reaches Temporal, so that none forgets what the server asks for.
import { readFileSync } from 'node:fs';

export interface TemporalAccess {
  TEMPORAL_ADDRESS: string;
  TEMPORAL_TLS_CERT?: string | undefined;
  TEMPORAL_TLS_KEY?: string | undefined;
  TEMPORAL_API_KEY?: string | undefined;
}

/** Fits the client's connection and the worker's. */
export interface ConnectionSettings {
  address: string;
  tls?: true | { clientCertPair: { crt: Buffer; key: Buffer } };
  apiKey?: string;
}

/**
 * With a client certificate or an API key the connection is encrypted: a key is not sent in clear.
 * @throws Error when a named file cannot be read
 */
export function connectionSettings(access: TemporalAccess): ConnectionSettings {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_TLS_CERT: crt, TEMPORAL_TLS_KEY: key } = access;
  const { TEMPORAL_API_KEY: apiKey } = access;
  return {
    address,
    ...(apiKey !== undefined && { apiKey, tls: true as const }),
    ...(crt !== undefined &&
      key !== undefined && {
        tls: {
          clientCertPair: { crt: readPem(crt), key: readPem(key) },
        },
      }),
  };
}

/**
 * The text itself, whose lines a variable may hold as `\n`, or the path of a file.
 * @throws Error when it is neither
 */
export function readPem(value: string): Buffer {
  if (value.startsWith('-----BEGIN')) return Buffer.from(value.replaceAll('\\n', '\n'));
  try {
    return readFileSync(value);
  } catch (cause) {
    throw new Error('neither PEM text nor a file that can be read', { cause });
  }
}
