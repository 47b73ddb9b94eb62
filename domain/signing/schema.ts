import { z } from 'zod';

export const jwk = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    kid: z.string(),
    alg: z.literal('EdDSA'),
    use: z.literal('sig'),
  })
  .meta({ id: 'SigningKey' });
export type Jwk = z.infer<typeof jwk>;

export const jwks = z.object({ keys: z.array(jwk) }).meta({ id: 'SigningKeys' });
export type Jwks = z.infer<typeof jwks>;
