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
  { key: 'CC1', title: 'Control environment' },
  { key: 'CC2', title: 'Information and communication' },
  { key: 'CC3', title: 'Risk assessment' },
  { key: 'CC4', title: 'Monitoring' },
  { key: 'CC5', title: 'Control activities' },
  { key: 'CC6', title: 'Logical and physical access' },
  { key: 'CC7', title: 'System operations' },
  { key: 'CC8', title: 'Change management' },
  { key: 'CC9', title: 'Risk mitigation' },
  { key: 'A1', title: 'Availability' },
  { key: 'C1', title: 'Confidentiality' },
  { key: 'PI1', title: 'Processing integrity' },
  { key: 'P1', title: 'Privacy: notice' },
  { key: 'P2', title: 'Privacy: choice and consent' },
  { key: 'P3', title: 'Privacy: collection' },
  { key: 'P4', title: 'Privacy: use, retention, disposal' },
  { key: 'P5', title: 'Privacy: access' },
  { key: 'P6', title: 'Privacy: disclosure and notification' },
  { key: 'P7', title: 'Privacy: quality' },
  { key: 'P8', title: 'Privacy: monitoring and enforcement' },
  { key: 'ENG', title: 'Engagement' },
];

export const soc2: Catalogue = {
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
