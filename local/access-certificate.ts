import { createHash, sign, type KeyObject } from 'node:crypto';

// Cloudflare publishes its keys twice: as JWK and as PEM certificates. Node can read certificates but not make
// them, and a self-signed one needs so little of DER that these lines replace a dependency.

const OID = {
  sha256WithRsa: Buffer.from('2a864886f70d01010b', 'hex'),
  commonName: Buffer.from('550403', 'hex'),
} as const;
const TAG = {
  integer: 0x02,
  bitString: 0x03,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
} as const;

/** A self-signed X.509 certificate in PEM. Always the same for the same arguments. */
export function selfSignedCertificate(input: {
  common_name: string;
  private_key: KeyObject;
  public_key: KeyObject;
  not_before: Date;
  not_after: Date;
}): string {
  const spki = input.public_key.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(der(TAG.oid, OID.sha256WithRsa), der(TAG.null, Buffer.alloc(0)));
  const name = sequence(
    der(TAG.set, sequence(der(TAG.oid, OID.commonName), der(TAG.utf8, Buffer.from(input.common_name)))),
  );
  // Positive and of fixed length: the first byte is 1.
  const serial = Buffer.concat([
    Buffer.from([1]),
    createHash('sha256').update(spki).digest().subarray(0, 15),
  ]);
  const body = sequence(
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serial),
    algorithm,
    name,
    sequence(time(input.not_before), time(input.not_after)),
    name,
    spki,
  );
  const signature = sign('sha256', body, input.private_key);
  const certificate = sequence(
    body,
    algorithm,
    der(TAG.bitString, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  if (size < 0x100) return Buffer.from([0x81, size]);
  return Buffer.from([0x82, size >> 8, size & 0xff]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(TAG.sequence, Buffer.concat(parts));
}

function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return der(TAG.generalizedTime, Buffer.from(`${digits}Z`));
}
