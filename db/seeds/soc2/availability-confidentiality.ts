import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';
import { continuityChecks } from './checks-continuity.js';

/** A1 availability and C1 confidentiality: in scope when the report includes these categories. */
export const availabilityConfidentialityControls: readonly CatalogueControl[] = [
  {
    ref: 'A1.1',
    group: 'A1',
    title: 'Capacity',
    description:
      'Present use and capacity of processing, storage and network are measured and compared with expected demand. More is provided before a shortage harms the service.',
    question:
      'How do you see a shortage coming, and what was added or changed in the period because of such a forecast?',
    guidance:
      'Capacity dashboards and alarm thresholds; forecast or quarterly capacity review; autoscaling settings; tickets for added capacity; availability figures of the period against the commitment.',
    kind: 'criterion',
    checks: continuityChecks['A1.1'],
  },
  {
    ref: 'A1.2',
    group: 'A1',
    title: 'Environment, backup and recovery infrastructure',
    description:
      'Threats from the environment such as fire, water or loss of power are met by safeguards, its own or the provider’s. Data and software are backed up as often as the promised loss of data requires, stored apart, and recovery infrastructure stands ready.',
    question:
      'Which data is backed up how often and where to, what takes over when a site fails, and who watches that backups succeed?',
    guidance:
      'Backup policy with targets per system; job results of the period with failures followed up; settings for retention, versioning and replication; architecture that shows redundancy over zones; provider report on environmental safeguards.',
    kind: 'criterion',
    checks: continuityChecks['A1.2'],
  },
  {
    ref: 'A1.3',
    group: 'A1',
    title: 'Recovery tests',
    description:
      'Recovery procedures are tried out at set intervals, including the restoring of backups, and measured against the targets. What fails is corrected and tested again.',
    question:
      'When was data last restored and the recovery plan exercised, how long did it take, and what was improved?',
    guidance:
      'Test plan and report of the period with scenario, participants, achieved recovery time and point; logs of restore jobs with integrity check of the result; follow-up actions and their closure.',
    kind: 'criterion',
    checks: continuityChecks['A1.3'],
  },
  {
    ref: 'C1.1',
    group: 'C1',
    title: 'Confidential information known and protected',
    description:
      'Confidential information is recognized when it is received or created, marked or classified, and kept for a set time. Until then it is protected from loss, alteration and access by people without need.',
    question:
      'Which information is confidential, by whose decision, where does it lie, and what protects it there?',
    guidance:
      'Classification scheme; inventory of confidential data with location, owner and retention; confidentiality clauses and agreements; encryption and access settings of the stores; proof that production data is not used in test, or is masked.',
    kind: 'criterion',
    checks: continuityChecks['C1.1'],
  },
  {
    ref: 'C1.2',
    group: 'C1',
    title: 'Disposal of confidential information',
    description:
      'When its time is over, or the contract says so, confidential information is found wherever copies lie and destroyed so that it cannot be recovered. The destruction is recorded.',
    question:
      'Which confidential data had to be destroyed in the period, for instance of departed customers, and what proves it?',
    guidance:
      'Retention schedule; deletion tickets of customers who left, with dates against the contract; lifecycle rules of storage and backups; certificates of destruction; search result that shows no copies left.',
    kind: 'criterion',
    checks: continuityChecks['C1.2'],
  },
];
