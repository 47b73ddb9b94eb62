import { Connection } from '@temporalio/client';

const WORKFLOW_QUEUE = 1;

/** Whether a worker has asked that queue for work since then. */
export async function isPolled(
  where: { address: string; namespace: string; queue: string },
  since_ms: number,
): Promise<boolean> {
  const connection = Connection.lazy({ address: where.address });
  try {
    const { pollers } = await connection.withDeadline(Date.now() + 1_000, () =>
      connection.workflowService.describeTaskQueue({
        namespace: where.namespace,
        taskQueue: { name: where.queue },
        taskQueueType: WORKFLOW_QUEUE,
      }),
    );
    return (pollers ?? []).some((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000 >= since_ms);
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
