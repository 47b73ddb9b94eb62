// What clients asked for and were told, and the proof that afterwards the database says the same.
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import type { Organization } from '../runs/stage.js';
import type { TestDatabase } from '../support/database.js';
import type { Answer } from '../support/http.js';
import { eventually } from './stage.js';
import type { Stopwatch } from './timed.js';

/** `unknown`: no answer, or 503, which may come after the change was committed. */
type Outcome = 'ok' | 'fail' | 'unknown';

export interface Operation {
  kind: 'assessment' | 'user' | 'execution';
  /** Name, address or id: what the operation alone would have made. */
  key: string;
  outcome: Outcome;
}

export interface Clients {
  operations: Operation[];
  /** How many runs held a slot at most, as seen from outside. */
  most_slots(): number;
  /** Ends the clients when they have their last answers. */
  stop(): Promise<void>;
}

const CLIENTS = 4;

/** Clients that create, add, execute and are refused, each one call at a time, until they are stopped. */
export function startClients(
  { org, database }: { org: Organization; database: TestDatabase },
  watch: Stopwatch,
): Clients {
  const series = randomBytes(4).toString('hex');
  const operations: Operation[] = [];
  let stopped = false;
  let most_slots = 0;
  let numbered = 0;

  async function ask(kind: Operation['kind'], key: string, call: () => Promise<Answer>): Promise<Answer> {
    const operation: Operation = { kind, key, outcome: 'unknown' };
    operations.push(operation);
    const answer = await watch.time(kind, call);
    if (answer.status < 300) operation.outcome = 'ok';
    else if (answer.status < 500) operation.outcome = 'fail';
    return answer;
  }

  async function client(): Promise<void> {
    const path = `/orgs/${org.id}`;
    const { items } = await patientlyGet(org, '/frameworks');
    const framework_id = items.find((item: { key: string }) => item.key === 'SOC2_TYPE2').id;
    while (!stopped) {
      const name = `n${String((numbered += 1))}-${series}`;
      const assessment = { framework_id, name, scope: 'x', control_refs: org.refs.slice(0, 2) };
      const created = await ask('assessment', name, () => org.admin.post(`${path}/assessments`, assessment));
      const email = `${name}@faults.example`;
      await ask('user', email, () => org.admin.post(`${path}/users`, { name, email, role: 'viewer' }));
      // refused for certain, so it must have left nothing
      const wrong = { ...assessment, name: `${name}-wrong`, control_refs: ['NONE'] };
      await ask('assessment', wrong.name, () => org.admin.post(`${path}/assessments`, wrong));
      if (created.status === 201) {
        const { id } = created.body;
        await ask('execution', id, () => org.admin.post(`${path}/assessments/${id}/execute`));
        await watch.time('status', () => org.admin.get(`${path}/assessments/${id}/status`));
      }
    }
  }

  async function watchSlots(): Promise<void> {
    while (!stopped) {
      const held = await heldSlots(database, org.id).catch(() => 0); // the database itself may be away
      most_slots = Math.max(most_slots, held);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const running = [watchSlots(), ...Array.from({ length: CLIENTS }, client)];
  return {
    operations,
    most_slots: () => most_slots,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** The body, also where a machine under load makes the API say 503 for a while. */
async function patientlyGet(org: Organization, path: string): Promise<Answer['body']> {
  return await eventually(path, async () => {
    const { status, body } = await org.admin.get(path);
    return status === 200 ? body : undefined;
  });
}

async function heldSlots(database: TestDatabase, org_id: string): Promise<number> {
  return await withTenant(database.db, { org_id }, async (trx) => {
    const row = await trx('assessment_execution').whereNotNull('slot').count({ held: '*' }).first();
    return Number(row?.held);
  });
}

/** Acknowledged: there. Refused: not there. Neither: there once, or not at all. */
export async function expectHistory(
  { org, database }: { org: Organization; database: TestDatabase },
  clients: Clients,
): Promise<void> {
  const within = <T>(read: Parameters<typeof withTenant<T>>[2]): Promise<T> =>
    withTenant(database.db, { org_id: org.id }, read);

  // whatever was started ends, and frees its slot
  await eventually('every run ended', async () => {
    const [row] = await within((trx) =>
      trx('assessment_execution')
        .whereNotIn('status', ['completed', 'failed', 'cancelled'])
        .count({ open: '*' }),
    );
    return Number(row?.['open']) === 0 || undefined;
  });

  const present: Record<Operation['kind'], string[]> = {
    assessment: await within((trx) => trx('assessment').pluck('name')),
    user: await within((trx) =>
      trx('membership as m').join('app_user as u', 'u.id', 'm.user_id').pluck('u.email'),
    ),
    execution: await within((trx) => trx('assessment_execution').pluck('assessment_id')),
  };
  const wrong = clients.operations.flatMap(({ kind, key, outcome }) => {
    const times = present[kind].filter((found) => found === key).length;
    const right = { ok: times === 1, fail: times === 0, unknown: times <= 1 }[outcome];
    return right ? [] : [`${kind} ${key}: ${outcome}, there ${String(times)} times`];
  });
  expect(wrong).toEqual([]);
  expect(clients.most_slots()).toBeLessThanOrEqual(5);
  expect(await heldSlots(database, org.id)).toBe(0);

  // one entry for each that is there, none for what is not
  const audited: string[] = await within((trx) =>
    trx('audit_log').where({ action: 'assessment.create' }).pluck('resource_id'),
  );
  const created: string[] = await within((trx) => trx('assessment').pluck('id'));
  expect(audited.sort()).toEqual(created.sort());
  const verified = await patientlyGet(org, `/orgs/${org.id}/audit-log/verify`);
  expect(verified).toMatchObject({ valid: true });

  // every run that began judged its two controls, once
  const judged = await within((trx) =>
    trx('assessment_execution as e')
      .leftJoin('finding as f', 'f.execution_id', 'e.id')
      .groupBy('e.id', 'e.status')
      .select('e.status', trx.raw('count(f.id) as findings')),
  );
  expect(judged.filter(({ status, findings }) => status !== 'completed' || findings !== 2)).toEqual([]);
}
