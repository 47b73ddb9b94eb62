// One throwaway Postgres for the whole run; its template database is cloned by each file that needs one.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../db/migrate.js';
import { seedCatalogues } from '../../db/seeds/frameworks.js';
import { freePort } from '../../local/ports.js';
import { ensureDatabase } from '../../local/postgres/databases.js';
import { startPostgres } from '../../local/postgres/server.js';

export const TEMPLATE = 'grc_template';

declare module 'vitest' {
  export interface ProvidedContext {
    postgres_url: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'grc-test-'));
  chmodSync(folder, 0o755); // the server may run as another user
  const password = randomBytes(16).toString('hex');
  const postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    port: await freePort(),
    password,
    throwaway: true,
  });
  await ensureDatabase(postgres.url('postgres'), TEMPLATE);
  await migrate(postgres.url(TEMPLATE));
  await seedCatalogues(postgres.url(TEMPLATE));
  project.provide('postgres_url', postgres.url('postgres'));
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
