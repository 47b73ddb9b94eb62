// Reports against what others write them with, and what a large one costs.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReportRenderer } from '../../activities/reports/renderer.js';
import { complianceSheets } from '../../activities/reports/sheets/compliance.js';
import type { ComplianceSummary } from '../../domain/reports/compliance-schema.js';
import { complianceDocument } from '../../test/reports/compliance-documents.js';
import { keptOf } from '../../test/reports/documents.js';
import { byExcelJs, byWeasyPrint } from '../anchors.js';
import { byTurns, type Measure, median, type Row, timed } from '../harness.js';

const ROWS = 10_000;
const FINDINGS = 500;
const MANY = 5_000;
const MEMORY_MB = 1_536;
const never = new AbortController().signal;

export function reportRows(): Row[] {
  return [{ id: 15, title: 'Reports', run: measures }];
}

async function measures(): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-reports-'));
  const renderer = createReportRenderer({ timeout_ms: 600_000 });
  try {
    return [await workbook(folder, renderer), await pages(folder, renderer), ...(await many(renderer))];
  } finally {
    renderer.close();
    await rm(folder, { recursive: true });
  }
}

type Renderer = ReturnType<typeof createReportRenderer>;

let turn = 0;

/** Only the findings, so that both write the same cells; each time others, since Typst remembers what it has set. */
function findings(rows: number): ComplianceSummary {
  turn += 1;
  const document = complianceDocument('demo', rows);
  const others = document.findings.map((row) => ({
    ...row,
    control: { ...row.control, title: `${String(turn)}: ${row.control.title}` },
  }));
  return { ...document, findings: others, matrix: [], groups: [], trend: [], previous: null };
}

function kept(rows: number): Uint8Array {
  return keptOf(findings(rows));
}

async function workbook(folder: string, renderer: Renderer): Promise<Measure> {
  const document = findings(ROWS);
  const [sheet] = complianceSheets(document);
  if (sheet === undefined) throw new Error('the report has no sheets');
  const input = join(folder, 'rows.json');
  await writeFile(
    input,
    JSON.stringify({ columns: sheet.columns.map(({ title }) => title), rows: sheet.rows }),
  );
  // Both begin with what lies in memory as a worker has it: rows there, JSON from the object store here.
  const json = keptOf(document);
  const own = (): Promise<number> => timed(() => renderer.render(json, 'xlsx', never));
  return {
    what: `a workbook of ${String(ROWS)} findings, handed to its process and back, over exceljs in its own`,
    unit: 'ms',
    goal: '≤ 0.35',
    holds: (ratio) => ratio <= 0.35,
    ...(await byTurns(() => byExcelJs(input), own)),
  };
}

async function pages(folder: string, renderer: Renderer): Promise<Measure> {
  const document = findings(FINDINGS);
  const input = join(folder, 'findings.html');
  await writeFile(input, htmlOf(document));
  const own = (): Promise<number> => {
    const fresh = kept(FINDINGS);
    return timed(() => renderer.render(fresh, 'pdf', never));
  };
  return {
    what: `a PDF of ${String(FINDINGS)} findings with charts over their bare table by WeasyPrint`,
    unit: 'ms',
    goal: '≤ 0.33',
    holds: (ratio) => ratio <= 1 / 3,
    ...(await byTurns(() => byWeasyPrint(input), own)),
  };
}

function htmlOf({ findings: rows }: ComplianceSummary): string {
  const cells = rows.map(({ control, status, severity, confidence, owner, due_date }) =>
    [control.ref, control.title, status, severity, String(confidence), owner?.name ?? '', due_date ?? '']
      .map((cell) => `<td>${cell}</td>`)
      .join(''),
  );
  const style =
    'body{font:8pt sans-serif}table{width:100%;border-collapse:collapse}td{border-bottom:1px solid #ccc;padding:4pt}';
  return `<meta charset="utf-8"><style>${style}</style><table><thead><tr><th>Control<th>Requirement<th>Status<th>Severity<th>Confidence<th>Owner<th>Due</tr></thead>${cells.map((row) => `<tr>${row}</tr>`).join('')}</table>`;
}

/** Ten times the findings: ten times the time, and within its memory. */
async function many(renderer: Renderer): Promise<Measure[]> {
  const [first, few, all] = [kept(FINDINGS), kept(FINDINGS), kept(MANY)];
  await renderer.render(first, 'pdf', never);
  const small = await timed(() => renderer.render(few, 'pdf', never));
  let peak = 0;
  const watch = setInterval(() => void childrenMb().then((mb) => (peak = Math.max(peak, mb))), 100);
  const large = await timed(() => renderer.render(all, 'pdf', never));
  clearInterval(watch);
  const times = MANY / FINDINGS;
  return [
    {
      what: `a PDF of ${String(MANY)} findings over ${String(times)} times one of ${String(FINDINGS)}`,
      unit: 'ms',
      goal: '≤ 1.5',
      holds: (ratio) => ratio <= 1.5,
      anchor: [small * times],
      product: [median([large])],
    },
    {
      what: `the memory of its process over the bound`,
      unit: 'MB',
      goal: '≤ 0.75',
      holds: (ratio) => ratio <= 0.75,
      anchor: [MEMORY_MB],
      product: [peak],
    },
  ];
}

/** The largest of our children, as Linux counts it. */
async function childrenMb(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (!status.includes(`PPid:\t${String(process.pid)}\n`)) return 0;
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    }),
  );
  return Math.max(0, ...sizes);
}
