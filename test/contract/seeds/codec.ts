import { encryptedFor } from '../../support/codec.js';
import type { Ground, Seeds } from './types.js';

export async function seedCodec({ api, org_id }: Ground): Promise<Seeds> {
  const { payloads } = await encryptedFor(api.database.db, org_id);
  return { 'codec.decode': { payloads: [payloads] } };
}
