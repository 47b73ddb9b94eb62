// Two organizations whose reports are gathered by the role that gathers them.
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import { reportDocument } from '../../domain/reports/document-schema.js';
import type { ReportType } from '../../domain/reports/documents.js';
import { endExecution } from '../../db/assessments/transitions.js';
import { connect, type Database } from '../../db/connection.js';
import { gatherDocument } from '../../db/reports/gather.js';
import { getWork } from '../../db/reports/transitions.js';
import { withTenant } from '../../db/tenancy.js';
import { openRegister, type Register, type Run } from '../risks/register.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildReport, wanted } from '../support/factories/reports.js';

type DocumentOf<T extends ReportType> = Extract<ReportDocument, { type: T }>;

export interface Gathering {
  database: TestDatabase;
  report_db: Database;
  ours: Register;
  theirs: Register;
  gather<T extends ReportType>(register: Register, type: T, assessment_id?: string): Promise<DocumentOf<T>>;
  assess(register: Register, verdicts: Parameters<Run['judge']>[0]): Promise<Run>;
  complete(register: Register, run: Run): Promise<void>;
  close(): Promise<void>;
}

export async function openGathering(): Promise<Gathering> {
  const database = await createTestDatabase();
  const { db } = database;
  const report_db = connect({ url: database.report_url, pool_max: 2, application_name: 'test' });
  return {
    database,
    report_db,
    ours: await openRegister(db),
    theirs: await openRegister(db),
    async gather({ tenant }, type, assessment_id = '') {
      const { id } = await buildReport(db, tenant, wanted(type, 'json', assessment_id));
      const work = await withTenant(db, tenant, (trx) => getWork(trx, id));
      const document = await gatherDocument(report_db, tenant, work);
      // as it is kept, and read again
      const parsed = reportDocument.parse(JSON.parse(JSON.stringify(document)));
      if (!isOf(parsed, type)) throw new Error(`asked for ${type}, got ${parsed.type}`);
      return parsed;
    },
    async assess(register, verdicts) {
      const started = await register.startRun();
      await started.judge(verdicts);
      return started;
    },
    async complete({ tenant }, { assessment_id, execution_id }) {
      await withTenant(db, tenant, (trx) =>
        endExecution(trx, tenant, { assessment_id, execution_id }, { status: 'completed' }),
      );
    },
    async close() {
      await report_db.destroy();
      await database.drop();
    },
  };
}

function isOf<T extends ReportType>(document: ReportDocument, type: T): document is DocumentOf<T> {
  return document.type === type;
}
