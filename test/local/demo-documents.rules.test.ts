import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { soc2 } from '../../db/seeds/soc2/index.js';
import { demoDocuments } from '../../local/demo/documents.js';
import { EVIDENCE_INDEX } from '../../local/demo/evidence-index.js';

const MAGIC: Record<string, string> = { pdf: '%PDF-', docx: 'PK', xlsx: 'PK' };

async function renderAll(): Promise<Map<string, Buffer>> {
  const rendered = new Map<string, Buffer>();
  for (const { meta, render } of demoDocuments) rendered.set(meta.filename, Buffer.from(await render()));
  return rendered;
}

test('every document speaks of controls that exist, and some controls have none', () => {
  const refs = new Set(soc2.controls.map((control) => control.ref));
  const named = EVIDENCE_INDEX.flatMap((entry) => entry.control_refs);
  expect(named.filter((ref) => !refs.has(ref))).toEqual([]);
  const silent = [...refs].filter((ref) => !named.includes(ref));
  expect(silent.length).toBeGreaterThanOrEqual(2);
  const folder = join(resolve(import.meta.dirname, '../..'), 'local/demo/evidence');
  const missing = EVIDENCE_INDEX.filter(({ file }) => !existsSync(join(folder, file)));
  expect(missing).toEqual([]);
});

test('tables have titles of their own, short enough for the tab of a sheet', () => {
  const tables = EVIDENCE_INDEX.filter(({ format }) => ['xlsx', 'csv', 'json'].includes(format));
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/gu, ' ')
      .trim();
  for (const { title, filename } of tables) {
    expect(title).toMatch(/^[^[\]:*?/\\]{5,31}$/u);
    expect(plain(title), filename).not.toBe(plain(filename.replace(/\.[a-z]+$/u, '')));
  }
});

test('each renders to what its name says, and to the same bytes each time', { timeout: 60_000 }, async () => {
  const [first, second] = [await renderAll(), await renderAll()];
  expect(first.size).toBe(EVIDENCE_INDEX.length);
  for (const [filename, bytes] of first) {
    const magic = MAGIC[filename.split('.').at(-1) ?? ''];
    if (magic !== undefined) expect(bytes.subarray(0, magic.length).toString(), filename).toBe(magic);
    expect(bytes.length, filename).toBeGreaterThan(500);
    expect(second.get(filename)?.equals(bytes), filename).toBe(true);
  }
});
