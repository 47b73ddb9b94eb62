// One report: read from one snapshot, rendered, stored. The row says what is left to do, so a second run of it begins
// where the first was lost, and a run for a deleted report removes what is left of it.
import * as wf from '@temporalio/workflow';
import type { ReportActivities, ReportMaking, ReportRef } from '../../activities/reports/types.js';
import { CANCELLED, failureWords, type ReportStatus } from '../../domain/reports/rules.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE, REPORT } from '../activity-options.js';
import { causeOf } from '../failures.js';

const rows = wf.proxyActivities<ReportActivities>(DATABASE);
const work = wf.proxyActivities<ReportMaking>(REPORT);

export type ReportPhase = 'starting' | 'reading' | 'rendering' | 'clearing';

export interface ReportOutcome {
  status: ReportStatus | 'cleared' | 'settled';
}

function show(phase: ReportPhase | ReportOutcome['status']): void {
  wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: phase }]);
  wf.setCurrentDetails(`**${phase}**`);
}

export async function reportWorkflow({ tenant, report_id }: ReportRef): Promise<ReportOutcome> {
  const ref = { tenant, report_id };
  const { next } = await rows.beginReport(ref);
  if (next === 'nothing') return { status: 'settled' };
  if (next === 'clear') {
    show('clearing');
    await work.clearReport(ref);
    return { status: 'cleared' };
  }
  try {
    show('reading');
    await work.gatherReport(ref);
    show('rendering');
    const made = await work.renderReport(ref);
    // from here on it is there: a cancellation comes too late
    const { status } = await wf.CancellationScope.nonCancellable(() =>
      rows.completeReport({ ...ref, ...made }),
    );
    show(status);
    return { status };
  } catch (error) {
    // an attempt that fails while it is asked to stop is not tried again, and fails with its own error
    const cancelled = wf.isCancellation(error) || wf.CancellationScope.current().consideredCancelled;
    const failure = cancelled ? CANCELLED : wordsOf(error);
    const { status } = await wf.CancellationScope.nonCancellable(() =>
      rows.failReport({ ...ref, failure, cancelled }),
    );
    show(status);
    if (cancelled) throw wf.isCancellation(error) ? error : new wf.CancelledFailure(CANCELLED);
    return { status };
  }
}

function wordsOf(error: unknown): string {
  const { code, detail } = causeOf(error);
  return failureWords(code, detail);
}
