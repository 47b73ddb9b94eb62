// The bundle as a stream: one file after the other, and at the end a manifest of their hashes.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import canonicalize from 'canonicalize';
import { DomainError } from '../../domain/errors.js';
import type { TenantContext } from '../../domain/tenant.js';
import { BUNDLE_SECTIONS } from '../../db/assessments/bundle.js';
import { getAssessment } from '../../db/assessments/repository.js';
import type { Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';

/** Files held at once; a document's text may be some hundred kilobytes. */
const PAGE = 10;
const FORMAT = 'sovereign-grc/assessment-bundle/1';

/** @throws DomainError CONFLICT while it is being executed: half of a run proves nothing. */
export async function bundleAssessment(
  deps: { db: Database },
  tenant: TenantContext,
  assessment_id: string,
): Promise<Readable> {
  const { status } = await withTenant(deps.db, tenant, (trx) => getAssessment(trx, assessment_id));
  if (status === 'in_progress') {
    throw new DomainError(
      'CONFLICT',
      'the assessment is in_progress; its bundle is complete when the run has ended',
    );
  }
  return Readable.from(write(deps.db, tenant, assessment_id), { objectMode: false });
}

async function* write(db: Database, tenant: TenantContext, assessment_id: string): AsyncGenerator<string> {
  const hashes: Record<string, string> = {};
  yield `{"format":${JSON.stringify(FORMAT)},"files":{`;
  let separator = '';
  for (const section of BUNDLE_SECTIONS) {
    for (let after: string | undefined = ''; after !== undefined;) {
      const key: string = after;
      const page = await withTenant(db, tenant, (trx) => section(trx, assessment_id, key, PAGE));
      for (const { path, content } of page.files) {
        const text = canonicalize(content) ?? 'null';
        hashes[path] = sha256(text);
        yield `${separator}${JSON.stringify(path)}:${text}`;
        separator = ',';
      }
      after = page.next;
    }
  }
  const files = canonicalize(hashes) ?? '{}';
  const rule = 'sha256 of the RFC 8785 form of each file; sha256 of the manifest is that of its files';
  yield `},"manifest":{"rule":${JSON.stringify(rule)},"files":${files},"sha256":"${sha256(files)}"}}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
