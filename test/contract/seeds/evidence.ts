import { buildEvidence } from '../../support/factories/evidence.js';
import type { Ground, Seeds } from './types.js';

const TIMES = { collected_at: ['2026-01-27T10:05:00Z'], expires_at: ['2036-01-27T10:05:00Z'] };

/** Fields with rules between them: a name and its type, a finding and its assessment, one control or several. */
export async function seedEvidence({ api, founder, org_id }: Ground): Promise<Seeds> {
  const actor_id = (await founder.get('/users/me')).body.id;
  const tenant = { org_id, actor_id, request_id: 'test', role: 'admin' as const, address: '127.0.0.1' };
  const add = async (text: string): Promise<string> =>
    (await buildEvidence(api.database.db, tenant, text)).id;
  const kept = await add('Reviewed.');
  const links = { assessment_id: [], control_ref: ['CC6.1'], ...TIMES };
  return {
    'evidence.upload_url': {
      ...links,
      '+filename': ['report.pdf', 'Übersicht.PDF'],
      '+content_type': ['application/pdf'],
      supersedes_id: [kept],
    },
    'evidence.update': links,
    'evidence.get': { evidence_id: [kept] },
    'evidence.verify': { evidence_id: [kept] },
    'evidence.download_url': { evidence_id: [kept] },
    'evidence.delete': { evidence_id: [await add('One.'), await add('Other.')] },
  };
}
