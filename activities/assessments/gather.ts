// What a judge is shown for a control: frozen documents as text, results of checks, the verdict before.
import { z } from 'zod';
import { checkResults, type CheckResult, type RunControl } from '../../db/assessments/controls.js';
import {
  type EvidenceText,
  type FrozenEvidence,
  frozenEvidence,
  insertText,
  listTexts,
} from '../../db/evidence/repository.js';
import { type PreviousFinding, previousFindings } from '../../db/findings/repository.js';
import { readTenant, withTenant } from '../../db/tenancy.js';
import { together } from '../../db/together.js';
import type { CheckRun } from '../../domain/findings/rules.js';
import type { JudgeCheck, JudgeEvidence, JudgeInput } from '../judge/types.js';
import type { AssessmentDeps } from './deps.js';
import type { RunRef } from './types.js';

const rowsSchema = z.array(z.object({ resource: z.string(), status: z.string(), reason: z.string() }));

/** What a check says of a resource, worst first. */
const ROW_WORDS = ['alarm', 'error', 'ok', 'info', 'skip'] as const;

/** Lines of a check's rows that a judge is shown; the counts say how many there are. */
const SHOWN_ROWS = 20;

export interface Gathered {
  input: JudgeInput;
  checks: CheckRun[];
  /** By id and hash, for whoever performs the verdict again. */
  inputs: Record<string, unknown>;
}

export interface Material {
  gather(control: RunControl): Gathered;
}

/** Everything for a batch in a fixed number of statements; a document is extracted once and kept. */
export async function loadMaterial(
  deps: AssessmentDeps,
  run: RunRef,
  controls: readonly RunControl[],
  signal: AbortSignal,
): Promise<Material> {
  const refs = controls.map((control) => control.ref);
  const names = controls.flatMap((control) => control.checks.map((check) => check.name));
  const ids = controls.map((control) => control.id);
  const { evidence, results, previous, stored } = await readTenant(deps.db, run.tenant, async (rows) => {
    const [frozen, checked, before] = await together<[FrozenEvidence, CheckResult, PreviousFinding]>(rows, [
      frozenEvidence(rows, run.execution_id, refs),
      names.length === 0 ? undefined : checkResults(rows, run.execution_id, names),
      previousFindings(rows, run.assessment_id, ids),
    ]);
    const documents = [...new Set(frozen.map((item) => item.evidence_id))];
    return {
      evidence: frozen,
      results: checked,
      previous: before,
      stored: documents.length === 0 ? [] : await listTexts(rows, documents),
    };
  });
  const texts = new Map(stored.map((text) => [text.evidence_id, text]));
  for (const item of evidence) {
    if (texts.has(item.evidence_id)) continue;
    texts.set(item.evidence_id, await extract(deps, run, item, signal));
  }
  const now_ms = (deps.now ?? Date.now)();
  const shown = new Map(
    evidence.map((item) => [item.evidence_id, toEvidence(item, texts.get(item.evidence_id), now_ms)]),
  );
  return {
    gather: (control) => toInput({ control, evidence, texts, shown, results, previous, now_ms }),
  };
}

async function extract(
  deps: AssessmentDeps,
  run: RunRef,
  item: FrozenEvidence,
  signal: AbortSignal,
): Promise<EvidenceText> {
  const read = await deps.texts.read(item, signal);
  const text: EvidenceText = { ...read, evidence_id: item.evidence_id, text: cleaned(read.text ?? '') };
  await withTenant(deps.db, run.tenant, (trx) => insertText(trx, run.tenant.org_id, text));
  return text;
}

/** Postgres has no NUL in text. */
function cleaned(text: string): string {
  return text.replaceAll('\0', '');
}

interface Sources {
  control: RunControl;
  evidence: readonly FrozenEvidence[];
  texts: ReadonlyMap<string, EvidenceText>;
  shown: ReadonlyMap<string, JudgeEvidence>;
  results: readonly CheckResult[];
  previous: readonly PreviousFinding[];
  now_ms: number;
}

function toInput({ control, evidence, texts, shown, results, previous, now_ms }: Sources): Gathered {
  const mine = evidence.filter((item) => item.control_ref === null || item.control_ref === control.ref);
  const unique = [...new Map(mine.map((item) => [item.evidence_id, item])).values()];
  const byName = new Map(results.map((result) => [result.name, result]));
  const before = previous.find((finding) => finding.control_id === control.id);
  const { ref, title, description, question, guidance } = control;
  const today = new Date(now_ms).toISOString().slice(0, 10);
  const checks = control.checks.map((check) => toCheck(check, byName.get(check.name)));
  const runs = control.checks.map((check) => toRun(check, byName.get(check.name)));
  return {
    input: {
      control: { ref, title, description, question, guidance },
      evidence: unique.flatMap((item) => shown.get(item.evidence_id) ?? []),
      checks,
      previous: before ? { status: before.status, rationale: before.rationale } : null,
      today,
    },
    checks: runs,
    inputs: {
      today,
      evidence: unique.map((item) => ({
        evidence_id: item.evidence_id,
        sha256: item.sha256,
        extractor_version: texts.get(item.evidence_id)?.extractor_version ?? null,
      })),
      checks: runs.map(({ name, status, rows_sha256 }) => ({ name, status, rows_sha256 })),
      previous: before ? { status: before.status, rationale: before.rationale } : null,
    },
  };
}

function toEvidence(item: FrozenEvidence, text: EvidenceText | undefined, now_ms: number): JudgeEvidence {
  const unreadable = text?.unreadable_reason ?? null;
  return {
    evidence_id: item.evidence_id,
    sha256: item.sha256,
    filename: item.filename,
    collected_at: item.collected_at,
    stale: item.expires_at !== null && Date.parse(item.expires_at) <= now_ms,
    text: unreadable === null ? (text?.text ?? '') : null,
    truncated: text?.truncated ?? false,
    unreadable_reason: unreadable,
  };
}

type CatalogueCheck = RunControl['checks'][number];

function toCheck(check: CatalogueCheck, result: CheckResult | undefined): JudgeCheck {
  const { name, title, severity } = check;
  return { name, title, severity, status: result?.status ?? 'skipped', summary: summarize(result) };
}

function toRun(check: CatalogueCheck, result: CheckResult | undefined): CheckRun {
  const { name, sql } = check;
  return { name, sql, status: result?.status ?? 'skipped', rows_sha256: result?.rows_sha256 ?? null };
}

function summarize(result: CheckResult | undefined): string {
  if (result === undefined) return 'not run: no inventory is configured for this organization';
  if (result.reason !== null) return result.reason;
  const counts = ROW_WORDS.filter((word) => result.counts[word] !== undefined)
    .map((word) => `${result.counts[word]} ${word}`)
    .join(', ');
  const rows = rowsSchema.parse(result.rows);
  const open = rows.filter(({ status }) => status === 'alarm' || status === 'error');
  const shown = (open.length > 0 ? open : rows).slice(0, SHOWN_ROWS);
  const lines = shown.map((row) => `${row.reason} (${row.status}: ${row.resource})`.replace(/\s+/gu, ' '));
  return [counts, ...lines].filter((line) => line !== '').join('\n');
}
