// One fault of the database under load, from the first refusal to the proof that nothing was lost.
import { expect } from 'vitest';
import { expectHistory, startClients, type Operation } from './history.js';
import { eventually, HEALED_MS, type Installation } from './stage.js';
import { stopwatch } from './timed.js';

export interface Fault {
  /** Resolves when the fault is there. */
  hurt: () => Promise<void>;
  /** Resolves when its cause is gone. */
  heal: () => Promise<void>;
}

/** Enough of them to find the API in every state that the fault can meet. */
const REFUSALS = 8;
const BEFORE = 24;
const AFTER = 12;

/** @returns what the clients were told */
export async function drill(its: Installation, { hurt, heal }: Fault): Promise<Operation[]> {
  const watch = stopwatch();
  const clients = startClients(its, watch);
  const { operations } = clients;
  const count = (outcome: Operation['outcome']): number =>
    operations.filter((operation) => operation.outcome === outcome).length;
  try {
    await eventually('calls before the fault', () => count('ok') >= BEFORE || undefined);
    await hurt();
    const already = watch.calls.length;
    const refused = (): number =>
      watch.calls.slice(already).filter(({ answer }) => answer.status === 503).length;
    await eventually('calls that feel it', () => refused() >= REFUSALS || undefined);
    await heal();
    const list = `/orgs/${its.org.id}/assessments`;
    const answers = async (): Promise<true | undefined> =>
      (await its.org.admin.get(list)).status === 200 || undefined;
    await eventually('an answer again', answers, HEALED_MS);
    const before = count('ok');
    await eventually('calls after the fault', () => count('ok') >= before + AFTER || undefined);
  } finally {
    await clients.stop();
  }
  its.expectAlive();
  watch.expectPatience();
  await expectHistory(its, clients);
  expect(count('unknown')).toBeGreaterThan(0);
  return operations;
}
