import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';

/** What every Type II report needs beside the criteria. These three are ours, not the AICPA's. */
export const engagementControls: readonly CatalogueControl[] = [
  {
    ref: 'SD-1',
    group: 'ENG',
    title: 'System description',
    description:
      'Management describes the system that the report covers: services, commitments, infrastructure, software, people, procedures, data, boundaries, and significant changes and incidents of the period. The description leaves out nothing that a reader needs and contains nothing that is not so. Not a criterion of the AICPA, but a part of every report.',
    question:
      'Does the description match the system as it ran throughout the period, and who checked each section?',
    guidance:
      'Final description with period, version and reviewer per section; reconciliation with asset inventory, organization chart, vendor list and incident log; list of changes and incidents of the period; treatment of subservice organizations (carved out or included).',
    kind: 'engagement',
    checks: [],
  },
  {
    ref: 'MA-1',
    group: 'ENG',
    title: 'Management assertion',
    description:
      'Management states in its own name that the description is fair, that the controls were suitably designed and that they worked through the whole period. It has a reasonable basis for saying so, independent of the auditor’s tests. Not a criterion of the AICPA, but a part of every report.',
    question: 'On what basis does management make its assertion, and who with authority has signed it?',
    guidance:
      'Signed assertion with period and categories; results of management’s own monitoring and assessments; list of known deficiencies and how they were weighed; written representations to the auditor.',
    kind: 'engagement',
    checks: [],
  },
  {
    ref: 'CU-1',
    group: 'ENG',
    title: 'Complementary controls of customers and subservice organizations',
    description:
      'Some criteria are met only if customers, or providers carved out of the report, operate controls of their own. These are identified, told to those concerned, mapped to the criteria, and the providers’ are monitored. Not a criterion of the AICPA, but a part of every report.',
    question:
      'Which controls do you expect of customers and of each subservice organization, and how do you know that the latter perform theirs?',
    guidance:
      'List of complementary user-entity controls as published to customers; list per subservice organization mapped to criteria; review of each provider’s SOC report including period, exceptions and bridge letter; record of the monitoring.',
    kind: 'engagement',
    checks: [],
  },
];
