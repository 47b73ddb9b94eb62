// The rows of a run and the world that its steps touch, played in memory.
import { createHash } from 'node:crypto';
import type {
  CommandInput,
  CommandOutcome,
  OpenedRun,
  PlaybookActivities,
  RecordStepInput,
} from '../../../activities/playbooks/types.js';
import type { StepDecision } from '../../../domain/playbooks/schema.js';
import { type BuiltPlaybook, planOf } from '../factories/playbook.js';

export interface FakeRun {
  activities: PlaybookActivities;
  /** `name status` of what was written, in order. */
  told: string[];
  /** `METHOD target/path` of each call. */
  calls: string[];
  /** What an approval is given for, by the step's name. */
  hashes: Map<string, string>;
  /** Status of the run as written. */
  statuses: string[];
  tasks: { step_id: string; iteration: number; name: string; closed: string | null }[];
}

export interface FakeWorld {
  opened?: Partial<OpenedRun>;
  policy?: (name: string, asked: number) => Partial<StepDecision>;
  answer?: (call: string, input: CommandInput) => Promise<CommandOutcome> | CommandOutcome;
}

export function fakeRun(
  playbook: BuiltPlaybook,
  { opened, policy = () => ({}), answer = () => fine() }: FakeWorld = {},
): FakeRun {
  const told: string[] = [];
  const calls: string[] = [];
  const statuses: string[] = [];
  const hashes = new Map<string, string>();
  const asked = new Map<string, number>();
  const tasks: FakeRun['tasks'] = [];
  const perform = async (input: CommandInput): Promise<CommandOutcome> => {
    const { command, target } = input;
    const call =
      command.action === 'http' ? `${command.method} ${target ?? ''}${command.path}` : command.action;
    calls.push(call);
    return await answer(call, input);
  };
  return {
    told,
    calls,
    hashes,
    statuses,
    tasks,
    activities: {
      openPlaybookRun: () =>
        Promise.resolve({
          plan: planOf(playbook),
          variables: { __incident_severity__: 'high' },
          execute_automated: true,
          dry_run: false,
          status: 'running',
          started_by: 'starter',
          recorded: {},
          ...opened,
        }),
      decidePlaybookStep: ({ step_id, name, commands, approvals_min }) => {
        const count = (asked.get(name) ?? 0) + 1;
        asked.set(name, count);
        const args_hash = createHash('sha256').update(JSON.stringify({ step_id, commands })).digest('hex');
        hashes.set(name, args_hash);
        const { decision = 'allow', reasons = [], approvals_required = 0 } = policy(name, count);
        const needed = Math.max(approvals_required, approvals_min);
        const said = decision === 'allow' && needed > 0 ? 'needs_approval' : decision;
        return Promise.resolve({
          decision: { decision: said, reasons, approvals_required: needed, revision: 'test' },
          args_hash,
        });
      },
      recordPlaybookStep: ({ name, status, event }: RecordStepInput) => {
        told.push(`${name} ${event ?? status}`);
        return Promise.resolve();
      },
      openPlaybookTask: ({ step_id, iteration, name, status }) => {
        tasks.push({ step_id, iteration, name, closed: null });
        told.push(`${name} ${status}`);
        return Promise.resolve({ task_id: `task-${tasks.length}`, settled: null });
      },
      closePlaybookTask: ({ step_id, iteration, status }) => {
        for (const task of tasks)
          if (task.step_id === step_id && task.iteration === iteration) task.closed ??= status;
        return Promise.resolve();
      },
      recordPlaybookApproval: ({ name, verdict }) => {
        told.push(`${name} ${verdict}`);
        return Promise.resolve();
      },
      recordPlaybookRun: ({ status }) => {
        statuses.push(status);
        return Promise.resolve();
      },
      runPlaybookHttp: perform,
      runPlaybookQuery: perform,
      runPlaybookCommand: perform,
    },
  };
}

export function fine(outputs: Record<string, string> = {}): CommandOutcome {
  return { ok: true, words: 'fine', outputs };
}

export function wrong(words = 'wrong'): CommandOutcome {
  return { ok: false, words, outputs: {} };
}
