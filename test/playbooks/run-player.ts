// Runs of playbooks on a server of their own, because calls go to queues with fixed names; the world is in memory.
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { playbookRunWorkflow } from '../../workflows/playbooks/playbook-run-workflow.js';
import type { BuiltPlaybook } from '../support/factories/playbook.js';
import { type FakeRun, fakeRun, type FakeWorld } from '../support/fakes/playbook-activities.js';
import { type Histories, openHistories } from '../support/histories.js';
import { startOwnTemporal } from '../support/temporal.js';

export type StartedRun = WorkflowHandle<typeof playbookRunWorkflow>;

export interface Told {
  run: FakeRun;
  result: { status: string };
}

export interface Player {
  histories: Histories;
  /** Plays the run to its end, keeps and replays its history. */
  play(
    name: string,
    playbook: BuiltPlaybook,
    world?: FakeWorld,
    story?: (handle: StartedRun, run: FakeRun) => Promise<void>,
  ): Promise<Told>;
  close(): Promise<void>;
}

export async function startPlayer(): Promise<Player> {
  const temporal = await startOwnTemporal();
  const histories = await openHistories('playbookRunWorkflow');
  return { histories, play, close: () => temporal.close() };

  async function play(
    name: string,
    playbook: BuiltPlaybook,
    world: FakeWorld = {},
    story: (handle: StartedRun, run: FakeRun) => Promise<void> = () => Promise.resolve(),
  ): Promise<Told> {
    const run = fakeRun(playbook, world);
    const { activities } = run;
    const queues = [TASK_QUEUES.core, TASK_QUEUES.egress, TASK_QUEUES.steampipe];
    const workers = await Promise.all(
      queues.map((taskQueue) =>
        Worker.create({
          connection: temporal.native,
          taskQueue,
          activities,
          ...(taskQueue === TASK_QUEUES.core && { workflowBundle: histories.bundle }),
        }),
      ),
    );
    const [core, ...others] = workers;
    if (!core) throw new Error('no worker');
    const running = others.map((worker) => worker.run());
    try {
      const result = await core.runUntil(async () => {
        const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
        const run_id = randomUUID();
        const handle = await temporal.client.workflow.start(playbookRunWorkflow, {
          taskQueue: TASK_QUEUES.core,
          workflowId: `playbook:${tenant.org_id}:${run_id}`,
          args: [{ tenant, incident_id: randomUUID(), run_id }],
        });
        await story(handle, run);
        const ended = await handle.result();
        await histories.check(name, await handle.fetchHistory());
        return ended;
      });
      return { run, result };
    } finally {
      for (const worker of others) worker.shutdown();
      await Promise.all(running);
    }
  }
}
