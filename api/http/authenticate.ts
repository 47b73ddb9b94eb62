import type { IncomingMessage } from 'node:http';
import type { TokenVerifier, VerifiedToken } from './access-token.js';
import { presentedToken } from './credentials.js';

export interface SignedIn extends VerifiedToken {
  from_cookie: boolean;
}

export interface Authenticator {
  /** @throws DomainError UNAUTHORIZED, or SERVICE_UNAVAILABLE while no keys are held. */
  authenticate(req: IncomingMessage): Promise<SignedIn>;
}

export function createAuthenticator(verifier: TokenVerifier): Authenticator {
  return {
    async authenticate(req) {
      const { token, from_cookie } = presentedToken(req);
      return { ...(await verifier.verify(token)), from_cookie };
    },
  };
}
