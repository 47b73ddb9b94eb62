// How fast an upload is read, hashed, looked into and kept, against the bare hash of the same bytes.
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createEvidenceActivities } from '../../activities/evidence/activities.js';
import { createExtractor } from '../../activities/extraction/extract.js';
import { insertUpload } from '../../db/evidence/uploads.js';
import { withTenant } from '../../db/tenancy.js';
import { startVersity } from '../../test/support/object-stores.js';
import { byTurns, type Measure, type Row, timed } from '../harness.js';
import { foundOrg, type Stage } from '../stage.js';

const MEGABYTES = 45;

export function evidenceRows(stage: Stage): Row[] {
  return [{ id: 18, title: 'Verification of a document', run: async () => [await verification(stage)] }];
}

async function verification(stage: Stage): Promise<Measure> {
  const api = await stage.startApi();
  const org_id = await foundOrg(api);
  const { id: actor_id } = await api.get('/users/me');
  const tenant = { org_id, actor_id: String(actor_id), request_id: 'bench' };
  const objects = await startVersity();
  const inspector = createExtractor();
  const folder = mkdtempSync(join(tmpdir(), 'grc-bench-'));
  const file = join(folder, 'log.txt');
  const activities = createEvidenceActivities({ db: stage.db, store: objects.store, inspector });
  const environment = new MockActivityEnvironment();
  let turn = 0;
  // other bytes each time, or nothing would be left to copy
  const fresh = (): Buffer => {
    turn += 1;
    return Buffer.alloc(
      MEGABYTES * 1024 * 1024,
      `Reviewed by ${createHash('sha256').update(String(turn)).digest('hex')}\n`,
    );
  };
  const product = async (): Promise<number> => {
    const bytes = fresh();
    const evidence_id = randomUUID();
    const key = `quarantine/${org_id}/${evidence_id}/x`;
    await withTenant(stage.db, tenant, (trx) =>
      insertUpload(trx, tenant, {
        id: evidence_id,
        filename: 'log.txt',
        content_type: 'text/plain',
        quarantine_key: key,
        declared_size: null,
        declared_sha256: null,
        supersedes_id: null,
        finding_id: null,
        assessment_id: null,
        control_refs: [],
        collected_at: null,
        expires_at: null,
        url_s: 900,
      }),
    );
    await objects.store.put({ key, body: bytes, content_type: 'text/plain' });
    return await timed(async () => {
      const verify = async (): Promise<void> => {
        const { status } = await activities.verifyEvidence({ tenant, evidence_id });
        if (status !== 'verified') throw new Error(`it is ${String(status)}`);
      };
      await environment.run(verify);
    });
  };
  const anchor = async (): Promise<number> => {
    writeFileSync(file, fresh());
    return await timed(async () => void execFileSync('sha256sum', [file]));
  };
  try {
    return {
      what: `verify ${String(MEGABYTES)} MB from an S3 server over sha256sum of as many bytes`,
      unit: 'ms',
      goal: '≤ 5',
      holds: (ratio) => ratio <= 5,
      ...(await byTurns(anchor, product, 5)),
    };
  } finally {
    inspector.close();
    await objects.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
