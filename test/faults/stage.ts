// What the fault tests stand on: an API, workers and a model server as processes of their own, with links that a test
// may break, and the proof that every effect is there once.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import { isAlive } from '../../local/process.js';
import { buildOrganization, type Organization, type Run } from '../runs/stage.js';
import { startTestAccess } from '../support/access.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import type { TestDatabase } from '../support/database.js';
import { startFakeLlm, type FakeLlm } from '../support/fakes/llm.js';
import { startWorkerProcess, workerEnv, type WorkerProcess } from '../support/worker-process.js';

/** The API serves again within five seconds; the rest is for a machine that runs other tests at the same time. */
export const HEALED_MS = 10_000;

export interface InstallationOptions {
  database: TestDatabase;
  temporal_address: string;
  /** Ports of links through which API and workers see what is theirs directly otherwise. */
  postgres_link?: number;
  temporal_link_of_api?: number;
  api_env?: Record<string, string>;
}

export interface Installation {
  database: TestDatabase;
  llm: FakeLlm;
  api: ApiProcess;
  org: Organization;
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  /** Fails when one of the processes that nobody killed is gone. */
  expectAlive(): void;
  stop(): Promise<void>;
}

export async function install(options: InstallationOptions): Promise<Installation> {
  const { database, temporal_address, postgres_link, temporal_link_of_api } = options;
  const [access, llm] = await Promise.all([startTestAccess(), startFakeLlm()]);
  const linked = {
    app_url: through(postgres_link, database.app_url),
    reconcile_url: through(postgres_link, database.reconcile_url),
    report_url: through(postgres_link, database.report_url),
  };
  const api = await startApiProcess(access, {
    DATABASE_APP_URL: linked.app_url,
    TEMPORAL_ADDRESS:
      temporal_link_of_api === undefined ? temporal_address : `127.0.0.1:${String(temporal_link_of_api)}`,
    ...options.api_env,
  });
  const workers = new Set<WorkerProcess>();
  return {
    database,
    llm,
    api,
    org: await buildOrganization({ ...api, database }, 'Faults'),
    async startWorker(env = {}) {
      const worker = startWorkerProcess({ ...workerEnv(linked, temporal_address, llm), ...env });
      workers.add(worker);
      await worker.ready;
      return {
        ...worker,
        async kill(signal) {
          workers.delete(worker);
          await worker.kill(signal);
        },
      };
    },
    expectAlive() {
      for (const part of [api, ...workers]) {
        expect(isAlive(part.pid), `ended: ${part.output().slice(-2_000)}`).toBe(true);
      }
    },
    async stop() {
      await Promise.all([api, ...workers].map((part) => part.kill()));
      await Promise.all([llm.close(), access.stop()]);
    },
  };
}

function through(port: number | undefined, url: string): string {
  if (port === undefined) return url;
  const linked = new URL(url);
  linked.port = String(port);
  return linked.toString();
}

/** However often its work was repeated: one finding per control, with one entry in every list that grows by it. */
export async function expectEffectsOnce(
  { org, database }: Pick<Installation, 'org' | 'database'>,
  run: Run,
  controls: number,
): Promise<void> {
  const findings = await run.findings();
  expect(new Set(findings.map(({ control }) => control.ref)).size).toBe(controls);
  expect(findings).toHaveLength(controls);

  const { body } = await org.admin.get(`/orgs/${org.id}/audit-log?resource=finding&limit=200`);
  const audited: string[] = body.items.map((entry: { resource_id: string }) => entry.resource_id);
  const ids = findings.map(({ id }) => String(id));
  expect(audited.filter((id) => ids.includes(id)).sort()).toEqual(ids.sort());
  expect((await org.admin.get(`/orgs/${org.id}/audit-log/verify`)).body).toMatchObject({ valid: true });

  const written = await withTenant(database.db, { org_id: org.id }, (trx) =>
    trx('assessment_execution as e')
      .where({ assessment_id: run.id })
      .select(
        'e.controls_evaluated',
        'e.tokens_in',
        'e.slot',
        trx.raw(`(select count(*) from finding_history h join finding f on f.org_id = h.org_id and f.id = h.finding_id
          where f.assessment_id = e.assessment_id) as history`),
        trx.raw('(select count(*) from judgement j where j.execution_id = e.id) as judgements'),
        trx.raw(
          '(select sum(j.tokens_in) from judgement j where j.execution_id = e.id) as tokens_of_judgements',
        ),
        trx.raw('(select count(*) from outbox o where o.delivered_at is null) as owed'),
      ),
  );
  expect(written).toEqual([
    {
      controls_evaluated: controls,
      tokens_in: written[0]?.tokens_of_judgements,
      tokens_of_judgements: expect.any(Number),
      slot: null,
      history: controls,
      judgements: controls,
      owed: 0,
    },
  ]);
}

/** A loaded machine is slow, not wrong. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  deadline_ms = 90_000,
): Promise<T> {
  const end = Date.now() + deadline_ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`it did not come to that: ${what}`);
    await sleep(25);
  }
}
