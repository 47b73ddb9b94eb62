// Verifies a Cloudflare Access token once and remembers the verdict until it expires.
import { hash } from 'node:crypto';
import { errors as joseErrors, jwtVerify, type JWTPayload, type JWSHeaderParameters } from 'jose';
import { DomainError } from '../../domain/errors.js';
import type { AccessKeys, SigningKey } from './access-keys.js';
import type { Principal } from './identity.js';

export interface VerifiedToken {
  principal: Principal;
  issued_at: string;
  /** Names the caller in rate limits: a hash, because keys end up in stores and dumps. */
  limit_key: string;
}

export interface TokenVerifier {
  /** @throws DomainError UNAUTHORIZED, or SERVICE_UNAVAILABLE while no keys are held at all. */
  verify(token: string): Promise<VerifiedToken>;
}

export interface TokenVerifierOptions {
  keys: AccessKeys;
  issuer: string;
  audience: string[];
  now?: () => number;
}

interface Remembered {
  verified: VerifiedToken;
  kid: string;
  expires_at_ms: number;
}

const MAX_TOKEN_CHARS = 20 * 1024;
const MAX_REMEMBERED = 10_000;
const LEEWAY_S = 30;
// Header fields that point at a key of the sender's choice, or that we would have to understand and do not.
const REFUSED_HEADERS = ['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'crit', 'b64', 'zip', 'enc'];

export function unauthorized(): DomainError {
  return new DomainError('UNAUTHORIZED', 'sign-in is required');
}

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { keys, issuer, audience, now = Date.now } = options;
  const seen = new Map<string, Remembered>();

  function recall(digest: string): VerifiedToken | undefined {
    const entry = seen.get(digest);
    if (entry === undefined) return undefined;
    // A key that the team has withdrawn takes its tokens with it.
    if (entry.expires_at_ms > now() && keys.isKnown(entry.kid)) return entry.verified;
    seen.delete(digest);
    return undefined;
  }

  function remember(digest: string, entry: Remembered): void {
    if (seen.size >= MAX_REMEMBERED) {
      const oldest = seen.keys().next();
      if (!oldest.done) seen.delete(oldest.value);
    }
    seen.set(digest, entry);
  }

  async function keyFor(header: JWSHeaderParameters): Promise<SigningKey> {
    if (REFUSED_HEADERS.some((name) => Object.hasOwn(header, name))) throw unauthorized();
    if (typeof header.kid !== 'string' || header.alg !== 'RS256') throw unauthorized();
    const key = await keys.find(header.kid);
    if (key !== undefined) return key;
    if (!keys.isReady()) {
      throw new DomainError('SERVICE_UNAVAILABLE', 'the sign-in keys (Access) cannot be read', {
        retry_after_s: 30,
      });
    }
    throw unauthorized();
  }

  return {
    async verify(token) {
      if (token.length > MAX_TOKEN_CHARS) throw unauthorized();
      const digest = hash('sha256', token, 'base64');
      const recalled = recall(digest);
      if (recalled !== undefined) return recalled;
      const { payload, protectedHeader } = await verifySignature(token, keyFor, {
        issuer,
        audience,
        now_ms: now(),
      });
      const verified = read(payload, now());
      remember(digest, {
        verified,
        kid: protectedHeader.kid ?? '',
        expires_at_ms: (payload.exp ?? 0) * 1000,
      });
      return verified;
    },
  };
}

async function verifySignature(
  token: string,
  keyFor: (header: JWSHeaderParameters) => Promise<SigningKey>,
  expected: { issuer: string; audience: string[]; now_ms: number },
) {
  try {
    return await jwtVerify(token, keyFor, {
      algorithms: ['RS256'],
      issuer: expected.issuer,
      audience: expected.audience,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(expected.now_ms),
    });
  } catch (error) {
    // Which check failed is nobody's business but the log's of the issuer.
    if (error instanceof joseErrors.JOSEError || error instanceof TypeError) throw unauthorized();
    throw error;
  }
}

/** The checks that are not jose's: the kind of token, and which of the two kinds of principal it names. */
function read(payload: JWTPayload, now_ms: number): VerifiedToken {
  const { type, sub, iat, email, common_name } = payload;
  // The same keys sign `org` session tokens, which are not meant for applications.
  if (type !== 'app' || iat === undefined || iat < 0) throw unauthorized();
  if (iat * 1000 > now_ms + LEEWAY_S * 1000) throw unauthorized();
  const principal = principalOf(sub, email, common_name);
  const name = principal.kind === 'person' ? principal.email : principal.common_name;
  const digest = hash('sha256', `${principal.kind}:${name}`, 'base64url');
  return { principal, issued_at: new Date(iat * 1000).toISOString(), limit_key: `caller:${digest}` };
}

function principalOf(sub: unknown, email: unknown, common_name: unknown): Principal {
  if (typeof sub === 'string' && sub !== '' && sub.length <= 255 && isAddress(email)) {
    return { kind: 'person', email: foldAscii(email), sub };
  }
  if (sub === '' && typeof common_name === 'string' && /^[\w.@:-]{1,200}$/.test(common_name)) {
    return { kind: 'service', common_name };
  }
  throw unauthorized();
}

function isAddress(email: unknown): email is string {
  return typeof email === 'string' && email.length <= 254 && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(email);
}

/** ASCII only: folding all of Unicode would make the Kelvin sign a `k`, and so one person another. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
