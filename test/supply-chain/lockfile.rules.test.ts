// S24: what is installed comes from a registry, with its hash, and can be listed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');
const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      inBundle: z.boolean().optional(),
    }),
  ),
});
const packages = Object.entries(
  lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages,
).filter(([path]) => path !== '');

test('every package has an integrity hash and comes from a registry', () => {
  expect(packages.length).toBeGreaterThan(200);
  const loose = packages.filter(([, entry]) => !entry.integrity && !entry.inBundle).map(([path]) => path);
  expect(loose).toEqual([]);
  const foreign = packages.filter(([, entry]) => /^(git|file|http:)/.test(entry.resolved ?? ''));
  expect(foreign).toEqual([]);
});

test('there is one copy of protobufjs 8, without which histories cannot be replayed', () => {
  const copies = packages.filter(
    ([path, entry]) => path.endsWith('node_modules/protobufjs') && entry.version?.startsWith('8.'),
  );
  expect(copies).toHaveLength(1);
});

test('a CycloneDX bill of materials can be made of what runs in production', () => {
  const output = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const bill = z.object({
    bomFormat: z.literal('CycloneDX'),
    components: z.array(z.object({ name: z.string() })),
  });
  const names = bill.parse(JSON.parse(output)).components.map((component) => component.name);
  expect(names).toEqual(expect.arrayContaining(['koa', 'knex', 'jose']));
});
