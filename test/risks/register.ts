// A register with its runs, on a database of its own: what the tests of recomputing stand on.
import { createRisk } from '../../api/risks/use-cases.js';
import type { FindingStatus } from '../../domain/findings/rules.js';
import type { RiskChange, RiskDetail } from '../../domain/risks/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { RunKey } from '../../db/assessments/transitions.js';
import type { Database } from '../../db/connection.js';
import { stepRun } from '../../db/findings/record.js';
import { getRisk, listChanges } from '../../db/risks/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { verdictRecord } from '../support/factories/findings.js';
import { buildOrg } from '../support/factories/orgs.js';

export const REFS = ['CC1.1', 'CC1.2', 'CC6.1', 'CC6.2', 'CC9.2', 'SD-1'];

export interface Run extends RunKey {
  judge(verdicts: Partial<Record<string, FindingStatus>>): Promise<void>;
  /** Id of its finding of that control. */
  finding(ref: string): Promise<string>;
}

export interface Register {
  tenant: TenantContext;
  deps: Parameters<typeof createRisk>[0];
  /** Likelihood 5, impact 4 unless told otherwise. */
  enter(control_refs: string[], more?: object): Promise<RiskDetail>;
  look(id: string): Promise<RiskDetail>;
  /** Newest first. */
  history(id: string): Promise<RiskChange[]>;
  startRun(): Promise<Run>;
}

export async function openRegister(db: Database): Promise<Register> {
  const { tenant } = await buildOrg(db);
  const controls = await withTenant(db, tenant, async (trx) => {
    const rows: { id: string; ref: string }[] = await trx('control').whereIn('ref', REFS).select('id', 'ref');
    return new Map(rows.map(({ id, ref }) => [ref, id]));
  });
  const deps = {
    db,
    temporal: { deliver: () => Promise.resolve({ run_id: null }), ask: () => Promise.resolve(undefined) },
  };
  return {
    tenant,
    deps,
    enter: (control_refs, more = {}) =>
      createRisk(deps, tenant, {
        title: 'Risk',
        description: '',
        category: 'cyber',
        likelihood: 5,
        impact: 4,
        treatment: 'mitigate',
        control_refs,
        ...more,
      }),
    look: (id) => withTenant(db, tenant, (trx) => getRisk(trx, id)),
    async history(id) {
      return (await withTenant(db, tenant, (trx) => listChanges(trx, id, { limit: 200 }))).items;
    },
    async startRun() {
      const { id: assessment_id } = await buildAssessment(db, tenant, { control_refs: REFS });
      const { execution_id } = await buildExecution(db, tenant, assessment_id);
      const run = { assessment_id, execution_id };
      return {
        ...run,
        async judge(wanted) {
          const verdicts = Object.entries(wanted).map(([ref, status = 'pass']) =>
            verdictRecord(controls.get(ref) ?? '', { status }),
          );
          await withTenant(db, tenant, (trx) =>
            stepRun(trx, tenant, run, { verdicts, failures: [], releases: [], takes: [] }),
          );
        },
        async finding(ref) {
          const row: { id: string } = await withTenant(db, tenant, (trx) =>
            trx('finding')
              .where({ assessment_id, control_id: controls.get(ref) })
              .first('id'),
          );
          return row.id;
        },
      };
    },
  };
}
