// What the stack makes once per DATA_DIR and keeps: ports and secrets.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StackConfig } from './config.js';
import { freePort, isPortFree } from './ports.js';
import { errorCode, Problem } from './problem.js';
import { saveSecret } from './secret-file.js';

const secretsSchema = z.object({
  postgres_password: z.string().min(1),
  payload_keys: z.string().min(1),
  signing_keys: z.string().min(1),
});
export type Secrets = z.infer<typeof secretsSchema>;

export const PORT_VARIABLES = [
  'POSTGRES_PORT',
  'STORAGE_PORT',
  'ACCESS_PORT',
  'METRICS_PORT',
  'TEMPORAL_UI_BACKEND_PORT',
] as const;
type PortVariable = (typeof PORT_VARIABLES)[number];
export type KeptPorts = Record<PortVariable, number>;

export function makeDataDir(data_dir: string): void {
  // Root's Postgres runs as another user, who must be able to pass (not to list).
  mkdirSync(data_dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  for (const name of ['run', 'logs']) mkdirSync(join(data_dir, name), { recursive: true, mode: 0o700 });
}

export async function ensureSecrets(data_dir: string): Promise<Secrets> {
  const file = join(data_dir, 'secrets.json');
  const found = readJson(file);
  if (found !== undefined) {
    const parsed = secretsSchema.safeParse(found);
    if (parsed.success) return parsed.data;
    throw new Problem(
      `${file} cannot be read as secrets. Restore it: without it the data in ${data_dir} is lost.`,
    );
  }
  const made: Secrets = {
    postgres_password: randomBytes(24).toString('hex'),
    payload_keys: `${keyId()}:${randomBytes(32).toString('base64')}`,
    signing_keys: `${keyId()}:${signingKey()}`,
  };
  await saveSecret(file, `${JSON.stringify(made, null, 2)}\n`, 'if-absent');
  return secretsSchema.parse(readJson(file));
}

function keyId(): string {
  return `k${randomBytes(4).toString('hex')}`;
}

function signingKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}

/** A port that was set is taken as it is; a kept one is left for another when somebody else has it by now. */
export async function keepPorts(config: StackConfig): Promise<KeptPorts> {
  const file = join(config.DATA_DIR, 'ports.json');
  const kept = z.partialRecord(z.enum(PORT_VARIABLES), z.number()).catch({}).parse(readJson(file));
  const used = new Set([config.PORT, config.TEMPORAL_PORT, config.TEMPORAL_UI_PORT]);
  const choose = async (name: PortVariable): Promise<number> => {
    const before = kept[name];
    const port =
      config[name] ??
      (before !== undefined && !used.has(before) && (await isPortFree(before))
        ? before
        : await freePort(used));
    used.add(port);
    return port;
  };
  const ports: KeptPorts = {
    POSTGRES_PORT: await choose('POSTGRES_PORT'),
    STORAGE_PORT: await choose('STORAGE_PORT'),
    ACCESS_PORT: await choose('ACCESS_PORT'),
    METRICS_PORT: await choose('METRICS_PORT'),
    TEMPORAL_UI_BACKEND_PORT: await choose('TEMPORAL_UI_BACKEND_PORT'),
  };
  await saveSecret(file, `${JSON.stringify(ports, null, 2)}\n`, 'replace');
  return ports;
}

/** Names the port and the variable before anything is started. */
export async function checkPorts(
  wanted: readonly { variable: string; port: number; host?: string }[],
): Promise<void> {
  for (const { variable, port, host } of wanted) {
    if (await isPortFree(port, host)) continue;
    throw new Problem(`Port ${String(port)} is taken. Free it, or set ${variable} to another one.`);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
