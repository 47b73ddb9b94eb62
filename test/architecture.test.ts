// The import table of the architecture, read from the import lines themselves.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const LAYERS = ['domain', 'db', 'activities', 'workflows', 'api', 'workers'] as const;
type Layer = (typeof LAYERS)[number];

interface Import {
  file: string;
  target: string;
  type_only: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && statSync(join(root, name)).isFile());
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? '';
    const target = specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(file), specifier)).replace(/\.js$/, '.ts')
      : specifier;
    return { file, target, type_only: match[1] !== undefined };
  });
}

function layerOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** Undefined when allowed, else why not. */
const RULES: Record<Layer, (entry: Import) => boolean> = {
  domain: ({ file, target }) =>
    layerOf(target) === 'domain' ||
    (target === 'zod' && file.endsWith('schema.ts')) ||
    (target === '@temporalio/common' && file === 'domain/temporal.ts'),
  db: ({ target }) =>
    ['domain', 'db'].includes(layerOf(target)) ||
    (isPackage(target) && !/^(koa|@koa|langchain|@langchain)/.test(target)),
  activities: ({ target }) =>
    ['domain', 'db', 'activities'].includes(layerOf(target)) ||
    (isPackage(target) && !/^(koa|@koa|@temporalio\/(client|worker|workflow))/.test(target)),
  workflows: ({ target, type_only }) =>
    layerOf(target) === 'workflows' ||
    (layerOf(target) === 'domain' && !target.endsWith('schema.ts')) ||
    (layerOf(target) === 'domain' && type_only) ||
    (layerOf(target) === 'activities' && type_only) ||
    /^@temporalio\/(workflow|common)$/.test(target),
  api: ({ target }) =>
    ['domain', 'db', 'workflows', 'api'].includes(layerOf(target)) ||
    (isPackage(target) && !/^(langchain|@langchain|@temporalio\/(worker|activity))/.test(target)),
  workers: ({ target }) =>
    ['domain', 'db', 'activities', 'workers'].includes(layerOf(target)) ||
    (isPackage(target) && !/^(koa|@koa|langchain|@langchain)/.test(target)),
};

function isPackage(target: string): boolean {
  return ![...LAYERS, 'local', 'bench', 'test'].includes(layerOf(target));
}

test.each(LAYERS)('%s imports only what the table allows', (layer) => {
  const files = filesOf(layer);
  expect(files.length).toBeGreaterThan(0);
  const refused = files
    .flatMap(importsOf)
    .filter((entry) => !RULES[layer](entry))
    .map((entry) => `${entry.file} -> ${entry.target}${entry.type_only ? ' (type)' : ''}`);
  expect(refused).toEqual([]);
});

test('a resource reaches no other resource inside its own layer', () => {
  const refused = (['api', 'workflows'] as const)
    .flatMap(filesOf)
    .filter((file) => file.split('/').length === 3)
    .flatMap(importsOf)
    .filter(({ file, target }) => {
      const [layer, resource] = file.split('/');
      const [other_layer, other, ...rest] = target.split('/');
      return layer === other_layer && rest.length > 0 && other !== resource && other !== 'http';
    })
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(refused).toEqual([]);
});

test('SQL is written in db only', () => {
  const refused = ['api', 'workflows', 'workers', 'domain']
    .flatMap(filesOf)
    .flatMap(importsOf)
    .filter(({ target, type_only }) => ['knex', 'pg'].includes(target) && !type_only)
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(refused).toEqual([]);
});

test('the environment is read in entry points only', () => {
  const readers = LAYERS.flatMap(filesOf).filter(
    (file) => !/(^|\/)main\.ts$/.test(file) && readFileSync(join(root, file), 'utf8').includes('process.env'),
  );
  expect(readers).toEqual([]);
});

test('transactions use the callback form, which alone reports a failed commit', () => {
  const offenders = filesOf('db').filter((file) =>
    /await\s+\w+\.transaction\(\s*\)/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(offenders).toEqual([]);
});

test('no file is longer than 300 lines', () => {
  const long = [...LAYERS, 'local', 'bench', 'test']
    .flatMap(filesOf)
    .filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301);
  expect(long).toEqual([]);
});

test('every top-level folder has a README of at most 40 lines', () => {
  for (const folder of [...LAYERS, 'local', 'bench', 'test']) {
    const lines = readFileSync(join(root, folder, 'README.md'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length, folder).toBeLessThanOrEqual(40);
  }
});
