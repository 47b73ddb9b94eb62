// Programs that others use for the same, brought at bench time only: neither belongs to the product nor to its tests.
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../local/problem.js';
import { tail } from '../local/process.js';
import { runCommand } from '../local/tools/command.js';
import { cachedProgram, defaultToolsDir, type ToolsOptions } from '../local/tools/folder.js';
import { pythonWith } from '../test/support/tools/python.js';

const TIMEOUT_MS = 10 * 60_000;
const EXCELJS = 'exceljs-4.4.0';

/** Reads rows as JSON, writes them with a bold header, says how long that took in milliseconds. */
const EXCELJS_SCRIPT = `
const ExcelJS = require('exceljs');
const { columns, rows } = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'));
async function once() {
  const begun = performance.now();
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('Findings', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map((header, index) => ({ header, key: String(index), width: 20 }));
  sheet.addRows(rows);
  sheet.getRow(1).font = { bold: true };
  sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: rows.length + 1, column: columns.length } };
  await workbook.xlsx.writeBuffer();
  return performance.now() - begun;
}
once().then(once).then((ms) => process.stdout.write(String(ms)));
`;

const WEASYPRINT_SCRIPT = `
import sys, time
from weasyprint import HTML
html = open(sys.argv[1], encoding='utf-8').read()
HTML(string='<p>warm</p>').write_pdf()
begun = time.perf_counter()
HTML(string=html).write_pdf()
print((time.perf_counter() - begun) * 1000, end='')
`;

function options(): ToolsOptions {
  return { tools_dir: defaultToolsDir(process.env), env: process.env, progress: () => undefined };
}

async function printed(command: string, args: readonly string[]): Promise<number> {
  const { env, tools_dir } = options();
  const { ok, output } = await runCommand(command, args, { cwd: tools_dir, env, timeout_ms: TIMEOUT_MS });
  const ms = Number(output.trim().split('\n').at(-1));
  if (!ok || !Number.isFinite(ms)) throw new Problem(`The anchor failed: ${tail(output, 2)}`);
  return ms;
}

/** @param input a file with columns and rows; @returns milliseconds, warm */
export async function byExcelJs(input: string): Promise<number> {
  const program = await cachedProgram(options(), EXCELJS, async (folder) => {
    const { env, tools_dir } = options();
    const made = join(folder, 'packages');
    await mkdir(made);
    const args = [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefix',
      made,
      'exceljs@4.4.0',
    ];
    const installed = await runCommand('npm', args, { cwd: made, env, timeout_ms: TIMEOUT_MS });
    if (!installed.ok) throw new Problem(`Installing ${EXCELJS} failed: ${tail(installed.output, 2)}`);
    await writeFile(join(made, 'write.cjs'), EXCELJS_SCRIPT);
    const kept = join(tools_dir, `${EXCELJS}-packages`);
    await rm(kept, { recursive: true, force: true });
    await rename(made, kept);
    await writeFile(join(folder, EXCELJS), `#!/bin/sh\nexec node '${kept}/write.cjs' "$@"\n`);
    await chmod(join(folder, EXCELJS), 0o755);
  });
  return await printed(program, [input]);
}

/** @param html a file; @returns milliseconds, warm */
export async function byWeasyPrint(html: string): Promise<number> {
  const python = await pythonWith(options(), {
    name: 'weasyprint-70.0',
    packages: ['weasyprint==70.0'],
    how_to: 'It needs Python 3.10 or newer with venv, and Pango (Debian: python3-venv, libpango-1.0-0).',
  });
  return await printed(python, ['-c', WEASYPRINT_SCRIPT, html]);
}
