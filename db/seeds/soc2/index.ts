import type { Catalogue, CatalogueGroup } from '../../../domain/frameworks/catalogue.js';
import { accessControls } from './access.js';
import { availabilityConfidentialityControls } from './availability-confidentiality.js';
import { environmentControls } from './common-environment.js';
import { riskControls } from './common-risk.js';
import { engagementControls } from './engagement.js';
import { operationsControls } from './operations.js';
import { privacyControls } from './privacy.js';
import { processingControls } from './processing.js';

const groups: readonly CatalogueGroup[] = [
  { key: 'CC1', title: 'Control environment', description: 'Conduct, oversight, structure, people.' },
  { key: 'CC2', title: 'Information and communication', description: 'Facts for control, and who is told.' },
  { key: 'CC3', title: 'Risk assessment', description: 'Objectives, risks, fraud, change.' },
  { key: 'CC4', title: 'Monitoring', description: 'Evaluating controls and correcting them.' },
  { key: 'CC5', title: 'Control activities', description: 'Choosing controls and putting them to work.' },
  { key: 'CC6', title: 'Logical and physical access', description: 'Who and what can reach data and systems.' },
  { key: 'CC7', title: 'System operations', description: 'Detecting, responding and recovering.' },
  { key: 'CC8', title: 'Change management', description: 'Bringing changes safely into operation.' },
  { key: 'CC9', title: 'Risk mitigation', description: 'Business disruption and vendors.' },
  { key: 'A1', title: 'Availability', description: 'Capacity, backup, recovery. Optional category.' },
  { key: 'C1', title: 'Confidentiality', description: 'Protecting and disposing. Optional category.' },
  { key: 'PI1', title: 'Processing integrity', description: 'Input to storage. Optional category.' },
  { key: 'P1', title: 'Privacy: notice', description: 'Telling people. Optional category.' },
  { key: 'P2', title: 'Privacy: choice and consent', description: 'Letting people choose.' },
  { key: 'P3', title: 'Privacy: collection', description: 'Taking no more than needed.' },
  { key: 'P4', title: 'Privacy: use, retention, disposal', description: 'Using, keeping and destroying data.' },
  { key: 'P5', title: 'Privacy: access', description: 'Letting people see and correct their data.' },
  { key: 'P6', title: 'Privacy: disclosure and notification', description: 'Sharing, vendors and breaches.' },
  { key: 'P7', title: 'Privacy: quality', description: 'Keeping personal data right.' },
  { key: 'P8', title: 'Privacy: monitoring and enforcement', description: 'Complaints and compliance.' },
  { key: 'ENG', title: 'Engagement', description: 'What a Type II report needs beside the criteria.' },
];

export const soc2Catalogue: Catalogue = {
  key: 'SOC2_TYPE2',
  name: 'SOC 2 Type II',
  version: '2017',
  description: 'Trust Services Criteria',
  source:
    'Numbering of the AICPA Trust Services Criteria of 2017 (TSP section 100, points of focus revised in 2022)',
  licence_note:
    'The numbers of the criteria are facts. Titles, descriptions, questions, guidance and checks are in our own words and are not the text of the AICPA, which is copyrighted and binding for an audit. SD-1, MA-1 and CU-1 are not AICPA criteria.',
  groups,
  controls: [
    ...environmentControls,
    ...riskControls,
    ...accessControls,
    ...operationsControls,
    ...availabilityConfidentialityControls,
    ...processingControls,
    ...privacyControls,
    ...engagementControls,
  ],
};
