import { type Jwks, jwks } from '../../domain/signing/schema.js';
import { route, type Route } from '../http/route.js';

export interface SigningDeps {
  /** Empty where no SIGNING_KEYS are configured. */
  jwks: Jwks;
}

export function signingRoutes(deps: SigningDeps): Route[] {
  return [
    route({
      name: 'signing.keys',
      method: 'get',
      path: '/.well-known/jwks.json',
      root: true,
      permission: 'public',
      summary: 'Public keys of what is signed here: checkpoints of timelines, exported bundles',
      response: jwks,
      handler({ header }) {
        header('Cache-Control', 'public, max-age=300');
        return deps.jwks;
      },
    }),
  ];
}
