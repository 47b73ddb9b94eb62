import type { Catalogue, CatalogueControl } from '../../../domain/frameworks/catalogue.js';
import { questionOn } from '../../../domain/frameworks/rules.js';
import { families, type Family } from './families.js';
import type { Row } from './row.js';

const BASELINES = { L: 'LOW', M: 'MODERATE', H: 'HIGH', P: 'PRIVACY' };

function control(family: Family, [ref, title, marks]: Row): CatalogueControl {
  const base = ref.replace(/\(.*/, '');
  const kind = base === ref ? 'a control' : `an enhancement of ${base}`;
  return {
    ref,
    oscal_id: ref.toLowerCase().replace('(', '.').replace(')', ''),
    group: family.key,
    title,
    description: `${ref} ${title}, ${kind} in the family ${family.title}. Its full text comes by import.`,
    question: questionOn(title),
    guidance: family.evidence,
    kind: 'control',
    checks: [],
    baselines: Object.entries(BASELINES).flatMap(([mark, name]) => (marks.includes(mark) ? [name] : [])),
  };
}

export const nist80053: Catalogue = {
  key: 'NIST_800_53_R5',
  name: 'NIST SP 800-53',
  version: 'Rev. 5.2.0',
  description: 'Security and privacy controls: all active controls and enhancements',
  source: 'NIST SP 800-53 Revision 5, release 5.2.0; baselines of NIST SP 800-53B',
  licence_note:
    'A work of the United States government, in the public domain. Ids, titles and baselines are its own; questions and guidance are ours.',
  groups: families.map(({ key, title }) => ({ key, title })),
  controls: families.flatMap((family) => family.rows.map((row) => control(family, row))),
};
