import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { findSecret, saveSecret } from '../secret-file.js';
import type { StorageCredentials } from './sigv4.js';

const schema = z.object({ access_key_id: z.string().min(1), secret_access_key: z.string().min(32) });

/** The key pair of the embedded store, made once per DATA_DIR and readable by its owner only. */
export async function ensureStorageCredentials(data_dir: string): Promise<StorageCredentials> {
  const file = join(data_dir, 'storage-credentials.json');
  const made: StorageCredentials = {
    access_key_id: `GRC${randomBytes(8).toString('hex').toUpperCase()}`,
    secret_access_key: randomBytes(30).toString('base64url'),
  };
  const text = (await findSecret(file)) ?? (await makeOnce(file, `${JSON.stringify(made, null, 2)}\n`));
  return schema.parse(JSON.parse(text));
}

// Another process may have been first: what lies in the file counts.
async function makeOnce(file: string, text: string): Promise<string> {
  await saveSecret(file, text, 'if-absent');
  return (await findSecret(file)) ?? text;
}
