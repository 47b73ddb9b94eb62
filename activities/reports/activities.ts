import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { ApplicationFailure, Context, log } from '@temporalio/activity';
import type { Database } from '../../db/connection.js';
import type { ObjectStore } from '../../db/objects/store.js';
import { gatherDocument } from '../../db/reports/gather.js';
import {
  beginReport,
  completeReport,
  failReport,
  getWork,
  keepSnapshot,
  markCleared,
  type ReportWork,
} from '../../db/reports/transitions.js';
import { withTenant } from '../../db/tenancy.js';
import { DomainError } from '../../domain/errors.js';
import { CONTENT_TYPE } from '../../domain/reports/documents.js';
import { reportDocument, type ReportDocument } from '../../domain/reports/document-schema.js';
import { documentKey, reportFolder, reportKey } from '../../domain/reports/rules.js';
import { beating } from '../assessments/heartbeat.js';
import { translateFailures } from '../failures.js';
import {
  type ReportActivities,
  type ReportMaking,
  type ReportRef,
  type ReportRenderer,
  ReportTooLarge,
} from './types.js';

export interface ReportDeps {
  db: Database;
  /** As grc_report: it reads for longer. */
  report_db: Database;
  store: Pick<ObjectStore, 'put' | 'get' | 'remove' | 'listSome'>;
  renderer: ReportRenderer;
}

/** What is read and what is made of it; the store takes 100 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A fault of ours may be a passing one, e.g. of memory; after so many attempts it is not. */
const ATTEMPTS_AT_A_FAULT = 3;

export function createReportActivities(deps: ReportDeps): ReportMaking & ReportActivities {
  const { db, store, renderer } = deps;

  async function workOf({ tenant, report_id }: ReportRef): Promise<ReportWork> {
    return await withTenant(db, tenant, (trx) => getWork(trx, report_id));
  }

  async function render({ tenant, report_id }: ReportRef): Promise<{ sha256: string; size: number }> {
    const { format, document_sha256 } = await workOf({ tenant, report_id });
    const kept = await readKept(store, documentKey(tenant.org_id, report_id));
    if (kept === undefined || hexOf(kept) !== document_sha256)
      throw ApplicationFailure.nonRetryable('what was read is not what was kept', 'INTERNAL_ERROR');
    const bytes = await renderer.render(kept, format, Context.current().cancellationSignal);
    const sha256 = hexOf(bytes);
    await putOnce(store, {
      key: reportKey(tenant.org_id, report_id, sha256),
      bytes,
      content_type: CONTENT_TYPE[format],
    });
    return { sha256, size: bytes.byteLength };
  }

  return translateFailures<ReportMaking & ReportActivities>({
    async gatherReport({ tenant, report_id }) {
      await alive(async () => {
        const report = await workOf({ tenant, report_id });
        if (report.document_sha256 !== null) return;
        const key = documentKey(tenant.org_id, report_id);
        const kept = (await readKept(store, key)) ?? (await gather(deps, { tenant, report_id }, report));
        const { as_of } = parse(kept);
        await withTenant(db, tenant, (trx) =>
          keepSnapshot(trx, report_id, { as_of, document_sha256: hexOf(kept) }),
        );
      });
    },

    async renderReport(ref) {
      return await alive(() => render(ref));
    },

    async clearReport({ tenant, report_id }) {
      await alive(async () => {
        for (;;) {
          const keys = await store.listSome(reportFolder(tenant.org_id, report_id));
          if (keys.length === 0) break;
          for (const key of keys) await store.remove(key);
        }
        await withTenant(db, tenant, (trx) => markCleared(trx, report_id));
      });
    },

    async beginReport({ tenant, report_id }) {
      return { next: await withTenant(db, tenant, (trx) => beginReport(trx, report_id)) };
    },

    async completeReport({ tenant, report_id, sha256, size }) {
      return {
        status: await withTenant(db, tenant, (trx) =>
          completeReport(trx, tenant, report_id, { sha256, size }),
        ),
      };
    },

    async failReport({ tenant, report_id, failure, cancelled }) {
      return {
        status: await withTenant(db, tenant, (trx) =>
          failReport(trx, tenant, report_id, { failure, cancelled }),
        ),
      };
    },
  });
}

/** Beats while it works; what cannot succeed is not tried for an hour. */
async function alive<T>(work: () => Promise<T>): Promise<T> {
  const { cancellationSignal, info } = Context.current();
  try {
    return await beating(() => ({}), work);
  } catch (error) {
    if (cancellationSignal.aborted) throw cancellationSignal.reason;
    if (error instanceof ReportTooLarge) throw new DomainError('PAYLOAD_TOO_LARGE', error.message);
    if (error instanceof DomainError || info.attempt < ATTEMPTS_AT_A_FAULT) throw error;
    log.error('a report cannot be made', { error });
    throw ApplicationFailure.nonRetryable('the report cannot be made', 'INTERNAL_ERROR');
  }
}

/** @returns what is kept from now on, of this attempt or of one that was faster */
async function gather(
  { report_db, store }: ReportDeps,
  { tenant, report_id }: ReportRef,
  report: ReportWork,
): Promise<Buffer> {
  const document = await gatherDocument(report_db, tenant, report);
  const bytes = Buffer.from(JSON.stringify(document));
  if (bytes.byteLength > MAX_BYTES)
    throw new DomainError('PAYLOAD_TOO_LARGE', 'There is more to report than one report can hold (64 MB).');
  const key = documentKey(tenant.org_id, report_id);
  await putOnce(store, { key, bytes, content_type: 'application/json' });
  const kept = await readKept(store, key);
  if (kept === undefined)
    throw new DomainError('SERVICE_UNAVAILABLE', 'the object store does not keep what it is given');
  return kept;
}

function parse(kept: Buffer): ReportDocument {
  return reportDocument.parse(JSON.parse(kept.toString('utf8')));
}

async function readKept(store: Pick<ObjectStore, 'get'>, key: string): Promise<Buffer | undefined> {
  const { cancellationSignal: signal } = Context.current();
  try {
    const { bytes } = await store.get(key, { max_bytes: MAX_BYTES, signal });
    return await buffer(bytes);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Whoever was first has written the same, or what counts. */
async function putOnce(
  store: Pick<ObjectStore, 'put'>,
  { key, bytes, content_type }: { key: string; bytes: Uint8Array; content_type: string },
): Promise<void> {
  const checksum_sha256 = createHash('sha256').update(bytes).digest('base64');
  try {
    await store.put({ key, body: bytes, content_type, checksum_sha256, only_if_absent: true });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'CONFLICT') throw error;
  }
}

function hexOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
