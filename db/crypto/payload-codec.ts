// Payloads leave the process encrypted; Temporal keeps what it cannot read.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto'; // CommonJS: Node finds no named exports in it

const ENCODING = 'binary/encrypted';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface RootKey {
  kid: string;
  key: Buffer;
}

/** `kid:base64,…`; the first encrypts, all decrypt, so that keys rotate. */
function parseKeys(payload_keys: string): [RootKey, ...RootKey[]] {
  const keys = payload_keys.split(',').map((entry) => {
    const at = entry.indexOf(':');
    const secret = Buffer.from(entry.slice(at + 1), 'base64');
    if (at < 1 || secret.length < 32)
      throw new Error('PAYLOAD_KEYS: each entry is kid:base64 of at least 32 bytes');
    return { kid: entry.slice(0, at), key: Buffer.from(hkdfSync('sha256', secret, '', 'grc-payload', 32)) };
  });
  const [first, ...rest] = keys;
  if (!first) throw new Error('PAYLOAD_KEYS is empty');
  return [first, ...rest];
}

/** AES-256-GCM; an unknown key id fails closed. */
export function createPayloadCodec(payload_keys: string): PayloadCodec {
  const keys = parseKeys(payload_keys);
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));

  function encrypt(payload: Payload): Payload {
    const { kid, key } = keys[0];
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(kid));
    const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
    const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { [METADATA_ENCODING_KEY]: Buffer.from(ENCODING), kid: Buffer.from(kid) }, data };
  }

  function decrypt(payload: Payload): Payload {
    if (textOf(payload, METADATA_ENCODING_KEY) !== ENCODING) return payload;
    const kid = textOf(payload, 'kid');
    const key = byKid.get(kid);
    if (!key) throw new Error(`payload of the unknown key ${kid}`);
    const data = Buffer.from(payload.data ?? new Uint8Array());
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(kid))
      .setAuthTag(data.subarray(-TAG_BYTES));
    const plain = [decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return proto.temporal.api.common.v1.Payload.decode(Buffer.concat(plain));
  }

  return {
    encode: (payloads) => Promise.resolve(payloads.map(encrypt)),
    decode: (payloads) => Promise.resolve(payloads.map(decrypt)),
  };
}

function textOf(payload: Payload, name: string): string {
  return Buffer.from(payload.metadata?.[name] ?? new Uint8Array()).toString();
}
