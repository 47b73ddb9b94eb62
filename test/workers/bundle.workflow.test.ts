// R3: the workflows' bundle takes nothing that the sandbox does not have, and ignores nothing to get there. It is built
// once: ahead for production, by the hash of its sources in development.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WORKFLOW_TYPES } from '../../domain/temporal.js';
import { BUNDLE_OPTIONS, buildWorkflowBundle, loadWorkflowBundle } from '../../workers/bundle.js';
import { startChild } from '../support/child-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startFakeLlm, type FakeLlm } from '../support/fakes/llm.js';
import { workerEnv } from '../support/worker-process.js';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let folder: string;
let database: TestDatabase;
let llm: FakeLlm;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grc-bundle-'));
  database = await createTestDatabase();
  llm = await startFakeLlm();
});
afterAll(async () => {
  await llm.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('holds every workflow that may be started, and nothing was ignored to build it', async () => {
  expect(BUNDLE_OPTIONS.ignoreModules ?? []).toEqual([]);
  const code = await buildWorkflowBundle();
  for (const type of WORKFLOW_TYPES) expect(code).toContain(`async function ${type}(`);
});

/** Inside the checkout, so that packages are found; the only fault can be what the workflow itself brings. */
async function bundleOf(line: string): Promise<string> {
  const sources = await mkdtemp(join(root, 'node_modules/grc-workflow-'));
  try {
    const workflowsPath = join(sources, 'index.js');
    await writeFile(workflowsPath, `${line}\nexport async function tinyWorkflow() {}\n`);
    return (await bundleWorkflowCode({ ...BUNDLE_OPTIONS, workflowsPath })).code;
  } finally {
    await rm(sources, { recursive: true, force: true });
  }
}

test('is not built of a workflow that brings what the sandbox refuses', async () => {
  expect(await bundleOf(`import { sleep } from '@temporalio/workflow'; export { sleep };`)).toContain(
    'tinyWorkflow',
  );
  for (const line of [
    `import { readFileSync } from 'node:fs'; export { readFileSync };`,
    `import { createHash } from 'crypto'; export { createHash };`,
    `import { Client } from '@temporalio/client'; export { Client };`,
  ]) {
    await expect(bundleOf(line), line).rejects.toThrow();
  }
});

test('is built once as long as its sources stay the same', async () => {
  const cache = join(folder, 'cache');
  expect(await loadWorkflowBundle(cache)).toMatchObject({ origin: 'built now' });
  const [name = ''] = await readdir(cache);
  const { mtimeMs } = await stat(join(cache, name));
  expect(await loadWorkflowBundle(cache)).toEqual({
    origin: 'kept',
    workflowBundle: { codePath: join(cache, name) },
  });
  expect(await readdir(cache)).toEqual([name]);
  expect((await stat(join(cache, name))).mtimeMs).toBe(mtimeMs);
});

test('a folder that cannot be written costs time and nothing else', async () => {
  const file = join(folder, 'no-folder');
  await writeFile(file, '');
  expect(await loadWorkflowBundle(file)).toMatchObject({ origin: 'built now' });
});

test(
  '`npm run build` builds it ahead, and the compiled worker runs on it',
  { timeout: 120_000 },
  async () => {
    await run('npm', ['run', '--silent', 'build'], { cwd: root });
    const env = workerEnv(database, inject('temporal_address'), llm);
    const worker = startChild('dist/workers/main.js', env, '"working"');
    await worker.ready;
    expect(worker.output()).toContain('"bundle":"built ahead"');
    await worker.kill('SIGTERM');
    expect(worker.output()).toContain('"stopped"');
  },
);
