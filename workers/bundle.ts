// The workflows as one script: built ahead for production, kept by the hash of its sources in development. Building it
// takes longer than everything else that a worker does before its first poll.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from '../db/crypto/data-converter.js';

const COMPILED = import.meta.url.endsWith('.js');
const EXTENSION = COMPILED ? '.js' : '.ts';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What goes into it; of other layers it takes types only. */
const SOURCES = ['workflows', 'domain'] as const;
const KEPT_MS = 86_400_000;

/** Nothing is ignored: what does not belong into the sandbox fails the build. */
export const BUNDLE_OPTIONS: BundleOptions = {
  workflowsPath: join(ROOT, `workflows/index${EXTENSION}`),
  failureConverterPath: FAILURE_CONVERTER_PATH,
};

/** Beside the compiled workers. */
export const BUILT_AHEAD = join(ROOT, 'workers/workflow-bundle.js');
const CACHE = join(ROOT, COMPILED ? '..' : '.', 'node_modules/.cache/sovereign-grc');

export interface LoadedBundle {
  workflowBundle: WorkflowBundleOption;
  origin: 'built ahead' | 'kept' | 'built now';
}

/** @param cache folder for bundles of sources as they are now */
export async function loadWorkflowBundle(cache = CACHE): Promise<LoadedBundle> {
  if (COMPILED && (await exists(BUILT_AHEAD)))
    return { workflowBundle: { codePath: BUILT_AHEAD }, origin: 'built ahead' };
  const codePath = join(cache, `workflows-${await hashOfSources()}.js`);
  if (await exists(codePath)) return { workflowBundle: { codePath }, origin: 'kept' };
  const code = await buildWorkflowBundle();
  // where nothing can be kept, the next start takes longer and that is all
  await keep(cache, codePath, code).catch(() => undefined);
  return { workflowBundle: { code }, origin: 'built now' };
}

export async function buildWorkflowBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({ ...BUNDLE_OPTIONS, logger: SILENT });
  return code;
}

async function keep(cache: string, path: string, code: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const draft = join(cache, `${randomUUID()}.draft`);
  await writeFile(draft, code);
  // whole or not at all: several workers may start at once
  await rename(draft, path);
  for (const name of await readdir(cache)) {
    const old = join(cache, name);
    if (old !== path && Date.now() - (await stat(old)).mtimeMs > KEPT_MS) await rm(old, { force: true });
  }
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const sdk: unknown = createRequire(import.meta.url)('@temporalio/worker/package.json');
  hash.update(JSON.stringify(sdk)).update(await readFile(FAILURE_CONVERTER_PATH));
  for (const folder of SOURCES) {
    const names = await readdir(join(ROOT, folder), { recursive: true });
    for (const name of names.filter((each) => each.endsWith(EXTENSION)).toSorted()) {
      hash.update(`\n${folder}/${name}\n`).update(await readFile(join(ROOT, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 32);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

const nothing = (): void => undefined;
const SILENT = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
