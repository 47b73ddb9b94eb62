import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { accessClaims } from '../../local/access-issuer.js';
import { certsDocument, makeSigningKey, type AccessSigningKey } from '../../local/access-keys.js';
import { listenOn } from '../../local/http-server.js';

// An Access team under the test's control: it answers badly on demand, counts what it is asked, and signs (or
// pretends to sign) any header and claims.

/** How the certs endpoint answers from now on. */
export type CertsBehaviour = 'serve' | 'error' | 'hang' | 'garbage' | 'redirect' | 'no-keys' | 'huge';

/** What the signature really is, whatever the header says. */
export type Signature =
  | 'RS256'
  | 'RS512'
  | 'PS256'
  | 'ES256'
  | 'none'
  /** HMAC keyed with the published key, as PEM or as the bare DER: the classic confusion of algorithms. */
  | 'HS256-public-pem'
  | 'HS256-public-der'
  /** RS256 by a key the team never published, under the published `kid`. */
  | 'foreign';

export interface Forgery {
  signature?: Signature;
  /** Merged over the header that fits the signature; a value of `undefined` leaves the field out. */
  header?: Record<string, unknown>;
  key?: 'current' | 'previous';
}

export interface TestAccess {
  url: string;
  aud: string;
  /** Requests to the certs endpoint so far. */
  fetches(): number;
  /** Requests to `attackerUrl`, where the foreign key is published for `jku` and `x5u`. */
  attackerFetches(): number;
  attackerUrl: string;
  /** The public half of the foreign key, for an embedded `jwk`. */
  foreignJwk(): Record<string, unknown>;
  behave(behaviour: CertsBehaviour): void;
  rotate(options?: { forget_previous?: boolean }): void;
  kid(key?: 'current' | 'previous'): string;
  /** Claims of a valid token for a person, changed as asked; `undefined` leaves one out. */
  person(email: string, overrides?: Record<string, unknown>): Record<string, unknown>;
  /** Claims of a valid service token. */
  service(common_name: string, overrides?: Record<string, unknown>): Record<string, unknown>;
  mint(claims: Record<string, unknown>, forgery?: Forgery): string;
  /** Shorthand for a valid token of a person. */
  token(email: string): string;
  stop(): Promise<void>;
}

export async function startTestAccess(): Promise<TestAccess> {
  const aud = 'a'.repeat(32) + 'b'.repeat(32);
  const foreign = makeSigningKey();
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  let keys: AccessSigningKey[] = [makeSigningKey()];
  let behaviour: CertsBehaviour = 'serve';
  let fetches = 0;
  let attackerFetches = 0;

  const server = createServer((request, response) => {
    if (request.url === '/cdn-cgi/access/certs') {
      fetches += 1;
      answerCerts(behaviour, keys, response);
    } else if (request.url === '/attacker/certs') {
      attackerFetches += 1;
      answerCerts('serve', [foreign], response);
    } else {
      response.writeHead(404).end();
    }
  });
  const listening = await listenOn(server, { port: 0 });
  const claims = { issuer: listening.url, aud, expires_s: 3600 };

  const keyOf = (which: 'current' | 'previous' = 'current'): AccessSigningKey => {
    const key = which === 'current' ? keys[0] : keys[1];
    if (key === undefined) throw new Error('there is no previous key: rotate first');
    return key;
  };
  const person = (email: string, overrides: Record<string, unknown> = {}) => ({
    ...accessClaims({ email }, claims),
    ...overrides,
  });
  const mint = (body: Record<string, unknown>, forgery: Forgery = {}): string => {
    const kind = forgery.signature ?? 'RS256';
    const key = keyOf(forgery.key);
    const header = { alg: algorithmOf(kind), kid: key.kid, ...forgery.header };
    const input = `${encode(header)}.${encode(body)}`;
    const signing = kind === 'foreign' ? foreign : key;
    return `${input}.${signatureOf(kind, input, signing, elliptic)}`;
  };

  return {
    url: listening.url,
    aud,
    fetches: () => fetches,
    attackerFetches: () => attackerFetches,
    attackerUrl: `${listening.url}/attacker/certs`,
    foreignJwk: () => ({ ...createPublicKey(foreign.private_key).export({ format: 'jwk' }) }),
    behave: (next) => {
      behaviour = next;
    },
    rotate: (options = {}) => {
      keys = [makeSigningKey(), ...(options.forget_previous === true ? [] : keys.slice(0, 1))];
    },
    kid: (which) => keyOf(which).kid,
    person,
    service: (common_name, overrides = {}) => ({ ...accessClaims({ common_name }, claims), ...overrides }),
    mint,
    token: (email) => mint(person(email)),
    stop: async () => {
      // A hanging answer would hold the server open.
      server.closeAllConnections();
      await listening.stop();
    },
  };
}

function answerCerts(
  behaviour: CertsBehaviour,
  keys: readonly AccessSigningKey[],
  response: ServerResponse,
): void {
  const json = { 'content-type': 'application/json' };
  switch (behaviour) {
    case 'serve':
      response.writeHead(200, json).end(JSON.stringify(certsDocument(keys)));
      return;
    case 'error':
      response.writeHead(500).end('upstream failure');
      return;
    case 'hang':
      return;
    case 'garbage':
      response.writeHead(200, json).end('<html>not what you asked for</html>');
      return;
    case 'redirect':
      response.writeHead(302, { location: '/attacker/certs' }).end();
      return;
    case 'no-keys':
      response.writeHead(200, json).end('{"keys":[],"public_certs":[]}');
      return;
    case 'huge':
      response.writeHead(200, json).end(`{"keys":[],"padding":"${'x'.repeat(8 * 1024 * 1024)}"}`);
      return;
    default:
      behaviour satisfies never;
  }
}

function algorithmOf(kind: Signature): string {
  if (kind === 'foreign') return 'RS256';
  return kind.startsWith('HS256') ? 'HS256' : kind;
}

function signatureOf(kind: Signature, input: string, key: AccessSigningKey, elliptic: KeyObject): string {
  const data = Buffer.from(input);
  const published = createPublicKey(key.private_key);
  switch (kind) {
    case 'RS256':
    case 'foreign':
      return sign('sha256', data, key.private_key).toString('base64url');
    case 'RS512':
      return sign('sha512', data, key.private_key).toString('base64url');
    case 'PS256':
      // 6 is RSA_PKCS1_PSS_PADDING; the salt is as long as the hash (RFC 7518, 3.5).
      return sign('sha256', data, { key: key.private_key, padding: 6, saltLength: 32 }).toString('base64url');
    case 'ES256':
      return sign('sha256', data, { key: elliptic, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    case 'none':
      return '';
    case 'HS256-public-pem':
      return hmac(published.export({ type: 'spki', format: 'pem' }), data);
    case 'HS256-public-der':
      return hmac(published.export({ type: 'spki', format: 'der' }), data);
    default:
      return kind satisfies never;
  }
}

function hmac(secret: string | Buffer, data: Buffer): string {
  return createHmac('sha256', secret).update(data).digest('base64url');
}

function encode(value: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
