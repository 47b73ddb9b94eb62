import type { Catalogue } from '../../../domain/frameworks/catalogue.js';
import { governanceControls } from './organizational-governance.js';
import { operationsControls } from './organizational-operations.js';
import { peopleControls, physicalControls } from './people-physical.js';
import { technologicalControls } from './technological.js';

export const iso27001: Catalogue = {
  key: 'ISO27001_2022',
  name: 'ISO/IEC 27001',
  version: '2022',
  description: 'Annex A reference controls',
  source: 'Numbering of ISO/IEC 27001:2022, Annex A',
  licence_note:
    'The numbers of the controls are facts. Titles, descriptions, questions and guidance are in our own words and are not the text of the standard, which is copyrighted and binding for a certification.',
  groups: [
    { key: 'A.5', title: 'Organizational controls' },
    { key: 'A.6', title: 'People controls' },
    { key: 'A.7', title: 'Physical controls' },
    { key: 'A.8', title: 'Technological controls' },
  ],
  controls: [
    ...governanceControls,
    ...operationsControls,
    ...peopleControls,
    ...physicalControls,
    ...technologicalControls,
  ],
};
