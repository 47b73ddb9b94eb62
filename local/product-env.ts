// What the stack tells the product: its own children by their environment, everybody else by a file.
import { join } from 'node:path';
import { appUrl } from '../db/roles.js';
import { ensureAccessState } from './access-keys.js';
import type { StackConfig } from './config.js';
import { opaSocket } from './opa/server.js';
import type { PartsContext } from './parts.js';
import { saveSecret } from './secret-file.js';
import { ensureStorageCredentials } from './storage/credentials.js';

const NO_CREDENTIALS = { TEMPORAL_TLS_CERT: '', TEMPORAL_TLS_KEY: '', TEMPORAL_API_KEY: '' };

export function publicUrl({ PUBLIC_URL, PORT }: StackConfig): string {
  return (PUBLIC_URL ?? `http://localhost:${String(PORT)}`).replace(/\/$/, '');
}

export interface Addresses {
  database_url: string;
  temporal_address: string;
  temporal_ui_url: string;
  steampipe_url: string | undefined;
}

/** What the API and the workers read; a variable that the operator set stays as it is. */
export async function productEnv(context: PartsContext, addresses: Addresses): Promise<NodeJS.ProcessEnv> {
  const { config, ports, env } = context;
  const settings = await settingsOf(context, addresses);
  await saveSecret(join(config.DATA_DIR, 'product.env'), asShell(settings), 'replace');
  return {
    ...env,
    ...settings,
    HOST: config.HOST,
    PORT: String(config.PORT),
    METRICS_PORT: String(ports.METRICS_PORT),
  };
}

/** For commands and processes that an operator runs beside the stack. */
export function asShell(settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  return lines.join('');
}

/** All but where the API listens, which only one process can. */
async function settingsOf(context: PartsContext, addresses: Addresses): Promise<Record<string, string>> {
  const { config, ports, secrets } = context;
  const storage =
    config.S3_ENDPOINT === undefined ? await ensureStorageCredentials(config.DATA_DIR) : undefined;
  const access =
    config.ACCESS_TEAM_DOMAIN === undefined ? await ensureAccessState(config.DATA_DIR) : undefined;
  return {
    DATA_DIR: config.DATA_DIR,
    PUBLIC_URL: publicUrl(config),
    DATABASE_URL: addresses.database_url,
    DATABASE_APP_URL: config.DATABASE_APP_URL ?? appUrl(addresses.database_url),
    TEMPORAL_ADDRESS: addresses.temporal_address,
    // the embedded server asks for no credentials, and the operator's are for another one
    ...(config.TEMPORAL_ADDRESS === undefined && NO_CREDENTIALS),
    TEMPORAL_NAMESPACE: config.TEMPORAL_NAMESPACE,
    TEMPORAL_UI_URL: addresses.temporal_ui_url,
    PAYLOAD_KEYS: config.PAYLOAD_KEYS ?? secrets.payload_keys,
    SIGNING_KEYS: config.SIGNING_KEYS ?? secrets.signing_keys,
    OPA_URL: config.OPA_URL ?? `unix:${opaSocket(config.DATA_DIR)}`,
    ...(addresses.steampipe_url === undefined ? {} : { STEAMPIPE_DATABASE_URL: addresses.steampipe_url }),
    ...(access === undefined
      ? {}
      : { ACCESS_TEAM_DOMAIN: `http://127.0.0.1:${String(ports.ACCESS_PORT)}`, ACCESS_AUD: access.aud }),
    ...(storage === undefined
      ? {}
      : {
          S3_ENDPOINT: `http://127.0.0.1:${String(ports.STORAGE_PORT)}`,
          S3_REGION: 'auto',
          S3_BUCKET: config.S3_BUCKET,
          S3_ACCESS_KEY_ID: storage.access_key_id,
          S3_SECRET_ACCESS_KEY: storage.secret_access_key,
        }),
  };
}
