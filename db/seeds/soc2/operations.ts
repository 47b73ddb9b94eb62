import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';
import { detectionChecks } from './checks-detection.js';
import { resilienceChecks } from './checks-resilience.js';

/** CC7 system operations, CC8 change management and CC9 risk mitigation. */
export const operationsControls: readonly CatalogueControl[] = [
  {
    ref: 'CC7.1',
    group: 'CC7',
    title: 'Detection of weaknesses',
    description:
      'The organization defines secure configurations and notices departures from them. It looks for new vulnerabilities by scans and by following published warnings, and repairs them within set times.',
    question:
      'How do you learn of a misconfiguration or a new vulnerability, and were the repair times met in the period?',
    guidance:
      'Configuration baselines and drift reports; scan schedule, scope and reports of the period; vulnerability list with severity, detection and repair dates against the policy; patch compliance; approved exceptions.',
    kind: 'criterion',
    checks: detectionChecks['CC7.1'],
  },
  {
    ref: 'CC7.2',
    group: 'CC7',
    title: 'Monitoring for anomalies',
    description:
      'Systems are watched for signs of attack, disaster and error. Logs are collected from all relevant parts, kept out of reach of those they record, retained long enough, and analysed so that the unusual is seen.',
    question:
      'Which events are logged and watched, how long are they kept, and who looks when something unusual appears?',
    guidance:
      'Logging standard with sources and retention; audit trail, flow log and threat detection settings for all accounts and regions; detection rules; alert samples of the period with the reaction; protection of the log store.',
    kind: 'criterion',
    checks: detectionChecks['CC7.2'],
  },
  {
    ref: 'CC7.3',
    group: 'CC7',
    title: 'Assessment of security events',
    description:
      'Events are examined by set criteria to decide whether they hinder the objectives and so are incidents. The decision, its reason and the effect on data, including personal data, are recorded, and necessary action follows.',
    question:
      'Take an alert of the period: who decided whether it was an incident, by which criteria, and how quickly?',
    guidance:
      'Severity and escalation criteria; sample of alerts with triage notes, times and decision; alert routing to an on-call person; review of events that were closed as harmless; assessment of effects on confidential or personal data.',
    kind: 'criterion',
    checks: detectionChecks['CC7.3'],
  },
  {
    ref: 'CC7.4',
    group: 'CC7',
    title: 'Response to incidents',
    description:
      'A defined programme tells who does what in an incident: contain, remove the cause, restore, inform. Roles are assigned, communication inside and outside is planned, and the programme is exercised and improved.',
    question:
      'Walk through an incident of the period, or an exercise if there was none: roles, times, containment, messages, closure.',
    guidance:
      'Incident response plan with roles and contacts; incident tickets with timeline and root cause; notices to customers or authorities with times; record of the yearly exercise; proof that alert channels reach subscribers.',
    kind: 'criterion',
    checks: detectionChecks['CC7.4'],
  },
  {
    ref: 'CC7.5',
    group: 'CC7',
    title: 'Recovery from incidents',
    description:
      'After an incident the environment is brought back to a trusted state, causes are removed and the same is prevented from happening again. Lessons are drawn and the recovery plan is tested and updated.',
    question:
      'After the last incident or exercise: how was a trusted state restored, what was the cause, and what was changed for good?',
    guidance:
      'Post-incident reviews with actions, owners and closure; rebuild or restore records; change tickets that remove the cause; proof that backups survive an attacker with administrator rights; updated plans and test results.',
    kind: 'criterion',
    checks: detectionChecks['CC7.5'],
  },
  {
    ref: 'CC8.1',
    group: 'CC8',
    title: 'Change management',
    description:
      'Changes to infrastructure, data, software and procedures are requested, designed, tested, approved and only then put into operation. The path holds for emergency changes too, with approval afterwards, and developers cannot go around it.',
    question:
      'For a sample of production changes: where are request, review, test and approval, and could the author have released alone?',
    guidance:
      'Complete list of production deployments of the period from the pipeline; for the sample, ticket, reviewer other than the author, test result, approval before release; branch protection and deployment permissions; emergency changes with later approval.',
    kind: 'criterion',
    checks: resilienceChecks['CC8.1'],
  },
  {
    ref: 'CC9.1',
    group: 'CC9',
    title: 'Mitigation of business disruption',
    description:
      'The organization chooses measures against the risk that business is interrupted: continuity plans, redundancy, alternative providers, reserves, insurance. The measures follow from an analysis of what an outage would cost.',
    question:
      'Which interruptions did you plan for, what is the tolerable outage of each process, and what covers the remaining risk?',
    guidance:
      'Business impact analysis with recovery targets; continuity plan approved in the period; mitigation entries in the risk register; insurance certificate with cover; protective settings of critical data stores.',
    kind: 'criterion',
    checks: resilienceChecks['CC9.1'],
  },
  {
    ref: 'CC9.2',
    group: 'CC9',
    title: 'Vendors and business partners',
    description:
      'Risks from vendors and partners are assessed before the contract and during it, in proportion to what they can reach. Requirements are agreed in writing, performance and assurance reports are reviewed, problems followed up and access ended with the contract.',
    question:
      'Which vendors can affect customer data or the service, when was each last assessed, and what came of it?',
    guidance:
      'Vendor inventory with criticality and data access; due diligence of new vendors; contracts with security and breach clauses; yearly review of SOC 2, ISO 27001 or questionnaire per critical vendor with exceptions followed up; offboarding records.',
    kind: 'criterion',
    checks: resilienceChecks['CC9.2'],
  },
];
