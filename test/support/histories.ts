// Recorded histories: each workflow type has at least five shapes, and every change must still replay them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { WorkflowType } from '../../domain/temporal.js';
import { loadWorkflowBundle } from '../../workers/bundle.js';

type History = Parameters<typeof historyToJSON>[0];

export class Histories {
  readonly folder: string;
  readonly bundle: WorkflowBundleOption;

  constructor(bundle: WorkflowBundleOption, workflow_type: WorkflowType) {
    this.bundle = bundle;
    this.folder = join(resolve(import.meta.dirname, '../histories'), workflow_type, '1.0.0');
  }

  /** Replays it, and keeps it when `RECORD_HISTORIES` is set. */
  async check(name: string, history: History): Promise<void> {
    if (process.env['RECORD_HISTORIES']) {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(join(this.folder, `${name}.json`), historyToJSON(history));
    }
    await Worker.runReplayHistory({ workflowBundle: this.bundle }, history);
  }

  /** @returns how many there are */
  async replayAll(): Promise<number> {
    const files = readdirSync(this.folder);
    for (const file of files) await this.replay(readFileSync(join(this.folder, file), 'utf8'), file);
    return files.length;
  }

  /** One of them as `change` makes it: the gate must catch that. */
  async replayMutant(file: string, change: (text: string) => string): Promise<void> {
    const text = readFileSync(join(this.folder, file), 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error(`${file} has nothing to change`);
    await this.replay(changed, file);
  }

  private async replay(text: string, file: string): Promise<void> {
    const history = historyFromJSON(JSON.parse(text));
    await Worker.runReplayHistory({ workflowBundle: this.bundle }, history, file.replace('.json', ''));
  }
}

/** With the bundle that workers run, built once for all tests. */
export async function openHistories(workflow_type: WorkflowType): Promise<Histories> {
  const { workflowBundle } = await loadWorkflowBundle();
  return new Histories(workflowBundle, workflow_type);
}
