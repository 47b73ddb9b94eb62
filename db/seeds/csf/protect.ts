import { controlsOf } from '../control-rows.js';

export const protectControls = [
  ...controlsOf('PR.AA', [
    ['PR.AA-01', 'Identities managed', 'Identities and credentials of users, services and hardware are managed.', 'How does an identity begin and end?', 'Joiner, mover, leaver records, credential rules.'],
    ['PR.AA-02', 'Identities proofed', 'Identities are proofed and bound to credentials as the context requires.', 'How do you know that a person is who they claim?', 'Proofing procedure, records.'],
    ['PR.AA-03', 'Authentication', 'Users, services and hardware are authenticated.', 'Where is strong authentication missing?', 'Sign-in settings, multi-factor coverage.'],
    ['PR.AA-04', 'Assertions protected', 'Identity assertions are protected, conveyed and verified.', 'How are tokens protected on their way?', 'Federation settings, token lifetimes, signatures.'],
    ['PR.AA-05', 'Least privilege', 'Permissions follow policy, are reviewed and hold least privilege and separated duties.', 'Who has more rights than needed?', 'Access reviews, role model, removals.'],
    ['PR.AA-06', 'Physical access', 'Physical access is managed, watched and enforced according to risk.', 'Who can enter where?', 'Access lists, logs, reviews.'],
  ]),
  ...controlsOf('PR.AT', [
    ['PR.AT-01', 'General training', 'Personnel know and can do general tasks with cyber risk in mind.', 'Who was trained when?', 'Training plan, attendance, tests.'],
    ['PR.AT-02', 'Specialized training', 'People in specialized roles know and can do their tasks with cyber risk in mind.', 'How are administrators and developers trained?', 'Role curricula, certificates.'],
  ]),
  ...controlsOf('PR.DS', [
    ['PR.DS-01', 'Data at rest', 'Confidentiality, integrity and availability of stored data are protected.', 'Which stored data is not encrypted?', 'Encryption settings, key management.'],
    ['PR.DS-02', 'Data in transit', 'Confidentiality, integrity and availability of moving data are protected.', 'Which connections are in clear?', 'Protocol settings, certificates, scans.'],
    ['PR.DS-10', 'Data in use', 'Confidentiality, integrity and availability of data in use are protected.', 'How is data protected while it is processed?', 'Memory and session protection, isolation.'],
    ['PR.DS-11', 'Backups', 'Backups are made, protected, kept and tested.', 'When was the last restore proved?', 'Backup reports, restore tests, isolation of copies.'],
  ]),
  ...controlsOf('PR.PS', [
    ['PR.PS-01', 'Configuration management', 'Configuration management is set up and applied.', 'How is drift found?', 'Baselines, drift reports.'],
    ['PR.PS-02', 'Software maintained', 'Software is maintained, replaced and removed according to risk.', 'Which software is out of support?', 'Patch reports, end-of-life list.'],
    ['PR.PS-03', 'Hardware maintained', 'Hardware is maintained, replaced and removed according to risk.', 'Which hardware is out of support?', 'Maintenance records, replacement plan.'],
    ['PR.PS-04', 'Logs made', 'Logs are made and available for monitoring.', 'What is logged, and for how long?', 'Logging standard, samples, retention.'],
    ['PR.PS-05', 'Unauthorized software', 'Installing and running unauthorized software is prevented.', 'What stops an unknown program?', 'Allow-list settings, blocked events.'],
    ['PR.PS-06', 'Secure development', 'Secure development is practised and watched through the life cycle.', 'How is security part of development?', 'Pipeline gates, reviews, measurements.'],
  ]),
  ...controlsOf('PR.IR', [
    ['PR.IR-01', 'Networks protected', 'Networks and environments are protected from unauthorized logical access and use.', 'Which segments are separated by what?', 'Zone model, firewall rules, tests.'],
    ['PR.IR-02', 'Environmental threats', 'Technology is protected from environmental threats.', 'What happens on fire, water or heat?', 'Site assessment, inspections.'],
    ['PR.IR-03', 'Resilience', 'Mechanisms meet resilience requirements in normal and adverse situations.', 'What fails over to what?', 'Architecture, failover tests.'],
    ['PR.IR-04', 'Capacity', 'Capacity is kept so that availability is assured.', 'How do you see shortage coming?', 'Capacity reports, thresholds.'],
  ]),
]; // prettier-ignore
