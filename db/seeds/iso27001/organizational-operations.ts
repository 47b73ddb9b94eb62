import { controlsOf } from '../control-rows.js';

/** A.5.19 to A.5.37: suppliers, cloud, incidents, continuity, law, review. */
export const operationsControls = controlsOf('A.5', [
  ['A.5.19', 'Supplier risks', 'Risks that come with the products and services of suppliers are managed by a process.', 'How do you find and treat the risks of using a supplier?', 'Supplier register with ratings, assessments, treatment decisions.'],
  ['A.5.20', 'Supplier contracts', 'Security needs are agreed with each supplier according to the kind of relation.', 'Which security clauses do your contracts carry?', 'Contracts with security, audit, incident and return clauses.'],
  ['A.5.21', 'ICT supply chain', 'Risks along the chain of technology products and services are managed.', 'How do you know what your suppliers build upon?', 'Bills of materials, sub-processor lists, verification of origin and integrity.'],
  ['A.5.22', 'Watching suppliers', 'What suppliers deliver and change is monitored, reviewed and kept in hand.', 'When was this supplier last reviewed, and with what result?', 'Service reports, review minutes, current assurance reports, change notices.'],
  ['A.5.23', 'Cloud services', 'Getting, using, managing and leaving cloud services follows rules for security.', 'Who answers for which part of security in the cloud, and how would you leave?', 'Cloud policy, shared-responsibility matrix, configuration baselines, exit plan.'],
  ['A.5.24', 'Incident preparation', 'Processes, roles and duties for incidents are planned before one happens.', 'What happens in the first hour of an incident, and who decides?', 'Incident plan, role list, on-call schedule, exercise reports.'],
  ['A.5.25', 'Judging events', 'Events are assessed and it is decided which are incidents.', 'By what measure does an event become an incident?', 'Triage criteria, records of decided events.'],
  ['A.5.26', 'Incident response', 'Incidents are answered along the documented procedures.', 'Show how the last incident was handled.', 'Incident records with timeline, containment and recovery, communications.'],
  ['A.5.27', 'Learning from incidents', 'What incidents teach is used to strengthen controls.', 'What has changed because of past incidents?', 'Post-incident reviews, actions with owners and completion.'],
  ['A.5.28', 'Collecting evidence', 'Evidence of events is identified, collected and preserved so that it can be used.', 'How do you keep evidence so that a court would accept it?', 'Forensic procedure, chain-of-custody forms, hashes of images.'],
  ['A.5.29', 'Security during disruption', 'Security is kept at the planned level while operations are disturbed.', 'Which controls hold when you work in emergency mode?', 'Continuity plans with security needs, results of exercises.'],
  ['A.5.30', 'ICT readiness', 'Technology is prepared and tested to meet continuity objectives.', 'Can you recover within the agreed time, and when did you last prove it?', 'Impact analysis with objectives, recovery tests with measured times.'],
  ['A.5.31', 'Legal and contractual duties', 'Requirements of law, regulators and contracts that concern security are known and kept current.', 'Which laws and contracts bind you, and who watches them?', 'Register of obligations with owners and review dates.'],
  ['A.5.32', 'Intellectual property', 'Rights in software and content, own and foreign, are respected and protected.', 'How do you know that all software is licensed?', 'Licence inventory, open-source policy, scan results.'],
  ['A.5.33', 'Records kept from harm', 'Records are kept from loss, destruction, falsification and wrong disclosure.', 'Which records must be kept how long, and how are they protected?', 'Retention schedule, storage settings, proof of integrity.'],
  ['A.5.34', 'Privacy', 'Personal data is identified and handled as law and contracts require.', 'Which personal data do you process, and on what basis?', 'Record of processing, impact assessments, requests of persons answered.'],
  ['A.5.35', 'Independent review', 'The approach to security is reviewed by someone independent at intervals and after changes.', 'Who last reviewed your security from outside the line, and what came of it?', 'Audit reports, proof of independence, action plans.'],
  ['A.5.36', 'Compliance with own rules', 'It is checked regularly whether policies and standards are followed.', 'How do managers check that their area keeps the rules?', 'Compliance checks, findings and corrections.'],
  ['A.5.37', 'Operating procedures', 'Procedures for operating information processing are written and at hand.', 'Could somebody new run this system from the documents?', 'Runbooks with versions and owners, access for those who need them.'],
]); // prettier-ignore
