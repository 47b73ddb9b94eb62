// How large histories are, event by event and in bytes.
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

export interface HistorySize {
  events: number;
  bytes: number;
  largest: number;
}

/** Of each run of the workflow, from the first to the last that it was continued as. */
export async function historySizes(
  client: Client,
  workflow_id: string,
  first_run_id: string,
): Promise<HistorySize[]> {
  const sizes: HistorySize[] = [];
  for (let next: string | undefined = first_run_id; next !== undefined;) {
    const history = await client.workflow.getHandle(workflow_id, next).fetchHistory();
    const events: NonNullable<typeof history.events> = history.events ?? [];
    sizes.push({
      events: events.length,
      // larger than what is stored: JSON with its bytes in base64
      bytes: Buffer.byteLength(historyToJSON(history)),
      largest: largestPayload(events),
    });
    next = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return sizes;
}

/** Bytes of the largest payload anywhere in the events. */
function largestPayload(value: unknown): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0;
  if (isPayload(value)) {
    const metadata = Object.values(value.metadata ?? {}).reduce((sum, part) => sum + part.byteLength, 0);
    return (value.data?.byteLength ?? 0) + metadata;
  }
  return Object.values(value).reduce((most: number, part) => Math.max(most, largestPayload(part)), 0);
}

function isPayload(value: object): value is Payload {
  return 'data' in value && value.data instanceof Uint8Array;
}
