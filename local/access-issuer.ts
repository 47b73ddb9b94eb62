import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SignJWT, type JWTPayload } from 'jose';
import { certsDocument, findAccessState, rememberIssuer, rotateAccessKeys } from './access-keys.js';
import { listenOn } from './http-server.js';

// A stand-in for Cloudflare Access: the same certs document and the same token shape, so that the API has one code
// path. It never hands out tokens over HTTP; minting takes read access to DATA_DIR.

const CERTS_PATH = '/cdn-cgi/access/certs';

export interface AccessIssuer {
  /** The issuer, and so the value of ACCESS_TEAM_DOMAIN. */
  url: string;
  aud: string;
  /** A new signing key; the previous one stays published. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

export async function startAccessIssuer(options: {
  data_dir: string;
  host?: string;
  port: number;
}): Promise<AccessIssuer> {
  const { data_dir } = options;
  const server = createServer((request, response) => {
    answer(data_dir, request, response).catch(() => send(response, 500, { error: 'keys cannot be read' }));
  });
  const listening = await listenOn(server, options);
  const state = await rememberIssuer(data_dir, listening.url).catch(async (error: unknown) => {
    await listening.stop();
    throw error;
  });
  return {
    url: listening.url,
    aud: state.aud,
    rotate: async () => {
      await rotateAccessKeys(data_dir);
    },
    stop: () => listening.stop(),
  };
}

// Read from disk on each request, so that a rotation by any process is seen at once.
async function answer(data_dir: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  if (path !== CERTS_PATH) return send(response, 404, { error: 'not found' });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, { error: 'method not allowed' });
  }
  const state = await findAccessState(data_dir);
  if (state === undefined) return send(response, 500, { error: 'keys cannot be read' });
  response.setHeader('cache-control', 'public, max-age=60');
  send(response, 200, certsDocument(state.keys));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Whom a token speaks for: a person by address, or a service token by its client id. */
export type TokenHolder = { email: string } | { common_name: string };

export type MintOptions = TokenHolder & {
  data_dir: string;
  /** How long it is valid; an hour if not given. */
  expires_s?: number;
  /** Claims that replace the usual ones; `undefined` leaves one out. For tests. */
  overrides?: Record<string, unknown>;
};

/** Thrown when there are no keys to sign with yet. */
export class IssuerNotStartedError extends Error {}

/** Signs an Access application token with the keys of this directory. No server has to be running. */
export async function mintToken(options: MintOptions): Promise<string> {
  const state = await findAccessState(options.data_dir);
  if (state?.issuer === undefined) {
    throw new IssuerNotStartedError(
      `There is no Access issuer in ${options.data_dir} yet: run "npm start" once (with the same DATA_DIR).`,
    );
  }
  const holder: TokenHolder =
    'email' in options ? { email: options.email } : { common_name: options.common_name };
  const claims = {
    ...accessClaims(holder, { issuer: state.issuer, aud: state.aud, expires_s: options.expires_s ?? 3600 }),
    ...options.overrides,
  };
  const [key] = state.keys;
  if (key === undefined)
    throw new IssuerNotStartedError(`The Access issuer in ${options.data_dir} has no key.`);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .sign(createPrivateKey(key.private_key));
}

/** The claims of an Access application token. */
export function accessClaims(
  holder: TokenHolder,
  input: { issuer: string; aud: string; expires_s: number },
): JWTPayload {
  const iat = Math.floor(Date.now() / 1000);
  const common = {
    aud: [input.aud],
    exp: iat + input.expires_s,
    iat,
    nbf: iat,
    iss: input.issuer,
    type: 'app',
  };
  if ('common_name' in holder) return { ...common, common_name: holder.common_name, sub: '' };
  return {
    ...common,
    email: holder.email,
    identity_nonce: randomBytes(12).toString('base64'),
    sub: subjectOf(holder.email),
    country: 'US',
  };
}

/** The same address always has the same subject, whatever its case: Access binds people by `sub`. */
export function subjectOf(email: string): string {
  const bytes = createHash('sha256').update(`access-subject:${email.trim().toLowerCase()}`).digest();
  // Version 8 (vendor-defined) and the RFC 9562 variant, so that it is a well-formed uuid.
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
